/** `peerchart/machines`: every chart, for tools and for model tests of your own. Effects are left open. */
export { connectionSetupMachine } from './machines/connection-setup.ts';
export { dialSchedulerMachine } from './machines/dial-scheduler.ts';
export { dialTaskMachine } from './machines/dial-task.ts';
export { listenerMachine } from './machines/listener.ts';
export { peerMachine } from './machines/peer.ts';
export { protocolMachine } from './machines/protocol.ts';
export { serverMachine } from './machines/server.ts';
