/**
 * Nodes that somebody else finds, one at a time and only when told: nothing is read ahead, nothing is lost.
 * Whether to dial them is not decided here.
 */
import { fromCallback } from 'xstate';

export type CandidateCommand = { readonly type: 'pull' };

/** The answer to each `pull`, and to nothing else. After `ended` and `failed` nothing is told any more. */
export type CandidateEvent<Target> =
  | { readonly type: 'candidate.found'; readonly target: Target }
  | { readonly type: 'candidate.invalid'; readonly detail: string }
  | { readonly type: 'candidates.ended' }
  | { readonly type: 'candidates.failed'; readonly message: string };

/** @param parse Throws a TypeError for what is no node. */
export const candidateSource = <Target>(
  candidates: AsyncIterable<string>,
  parse: (url: string) => Target,
) =>
  fromCallback<CandidateCommand>(({ sendBack, receive }) => {
    const report = (event: CandidateEvent<Target>): void => sendBack(event);
    const iterator = candidates[Symbol.asyncIterator]();

    const read = async (): Promise<CandidateEvent<Target>> => {
      const { done, value } = await iterator.next();
      if (done) return { type: 'candidates.ended' };
      try {
        return { type: 'candidate.found', target: parse(value) };
      } catch (error) {
        return { type: 'candidate.invalid', detail: String(error) };
      }
    };
    receive(() => {
      read().then(report, (error: unknown) =>
        report({ type: 'candidates.failed', message: String(error) }),
      );
    });

    const end = async (): Promise<void> => {
      await iterator.return?.();
    };
    // whoever looks for nodes may stop; how long that takes, and whether it works, is not our business any more
    return () => void end().catch(() => {});
  });
