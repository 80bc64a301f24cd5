/** `peerchart/machines`: every chart and every table of reasons, for tools and model tests. Effects are left open. */
export { FAILURES, REFUSALS, REJECTIONS } from './machines/connection-endings.ts';
export { connectionSetupMachine } from './machines/connection-setup.ts';
export { dialGenerator } from './machines/dial-generator.ts';
export { dialSchedulerMachine } from './machines/dial-scheduler.ts';
export { DIAL_FAILURES, dialTaskMachine } from './machines/dial-task.ts';
export { listenerMachine } from './machines/listener.ts';
export { peerMachine } from './machines/peer.ts';
export { BROKEN_ENDINGS, OUR_ENDINGS, THEIR_ENDINGS } from './machines/peer-endings.ts';
export { protocolMachine } from './machines/protocol.ts';
export { serverMachine } from './machines/server.ts';
