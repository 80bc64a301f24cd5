/** `peerchart/inspect`: the inspector, recordings of a server, and what tools of your own need for the same. */

export type { LifecycleListener, MacroStep, ObservedActor } from '../actors/lifecycle.ts';
export { Lifecycle } from '../actors/lifecycle.ts';
export { type InspectOptions, type Inspector, inspect } from '../inspect/inspector.ts';
export type {
  About,
  ActionBody,
  ActionName,
  ActorEntry,
  Ending,
  Frame,
  FrameSource,
  Row,
  SessionInfo,
  Step,
  TransitionEntry,
  Viewer,
  Views,
} from '../inspect/protocol.ts';
export { PROTOCOL } from '../inspect/protocol.ts';
export { RECORDER_LIMITS, Recorder } from '../inspect/recorder/recorder.ts';
export type { RecordingFault } from '../inspect/recording/recording-error.ts';
export { RecordingError } from '../inspect/recording/recording-error.ts';
export type { ReadLine } from '../inspect/recording/recording-reader.ts';
export { readRecording, readRecordingFile } from '../inspect/recording/recording-reader.ts';
export type { Divergence, ReplayResult, SkipReason } from '../inspect/recording/replay.ts';
export { replay } from '../inspect/recording/replay.ts';
export {
  type Recording,
  type RecordOptions,
  record,
} from '../inspect/recording/server-recording.ts';
export type { RecordingLine } from '../inspect/recording.ts';
export { RECORDING_VERSION } from '../inspect/recording.ts';
export type { Observation, ObservedServer } from '../server/observation.ts';
