/**
 * Reads nodes from an async iterable, one per `pull`: never ahead, so no node is lost.
 * Whether to dial them is not decided here.
 */
import { fromCallback } from 'xstate';

export type CandidateCommand = { readonly type: 'pull' };

/** The answer to each `pull`. After `candidates.ended` and `candidates.failed` no more events follow. */
export type CandidateEvent<Target> =
  | { readonly type: 'candidate.found'; readonly target: Target }
  | { readonly type: 'candidate.invalid'; readonly detail: string }
  | { readonly type: 'candidates.ended' }
  | { readonly type: 'candidates.failed'; readonly message: string };

/** @param parse Throws a TypeError when what was given is not a node. */
export const candidateSource = <Given, Target>(
  candidates: AsyncIterable<Given>,
  parse: (given: Given) => Target,
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
    // tells the source to stop; how long that takes, or whether it fails, does not matter here
    return () => void end().catch(() => {});
  });
