/** A machine with every element of a chart, and with names that Mermaid does not accept. */
import { fromCallback, raise, sendTo, setup, spawnChild } from 'xstate';

const child = setup({}).createMachine({ id: 'child', initial: 'a', states: { a: {} } });
const setUp = setup({
  actors: { link: fromCallback(() => {}), child },
  delays: { patience: 1500, pause: 250, whim: () => 1 },
  guards: { isReady: () => true, has: (_, part: string) => part !== '' },
  actions: {
    giveUp: raise((_, reason: string) => ({ type: reason })),
    decide: raise(() => ({ type: 'reject.late' })),
    sayStop: raise({ type: 'stop' }),
    startChild: spawnChild('child'),
    tellLink: sendTo('link', (_, command: { type: string; reason?: string }) => command),
    note: () => {},
  },
});

export const sampleMachine = setUp.createMachine({
  id: 'sample',
  description: 'Shows everything. Twice.',
  invoke: { src: 'link', onError: { actions: { type: 'giveUp', params: 'reject.late' } } },
  initial: 'end',
  states: {
    end: {
      description: 'Waits | looks.',
      entry: ['startChild', 'note'],
      always: [
        { guard: 'isReady', target: 'busy' },
        { guard: { type: 'has', params: 'a:b;"c"#{}' }, target: 'busy.left.on' },
      ],
      on: { go: [{ guard: 'isReady', target: 'busy' }, { actions: 'note' }], never: {} },
      after: {
        patience: { actions: { type: 'giveUp', params: 'reject.late' } },
        pause: 'busy',
        whim: 'over',
      },
    },
    busy: {
      type: 'parallel',
      tags: 'unbounded',
      states: {
        left: {
          initial: 'on',
          states: { on: { on: { swap: 'off' } }, off: { type: 'final' } },
        },
        right: { initial: 'class', states: { class: { on: { 'a;b:c': '#sample.busy' } } } },
      },
      on: { again: '.left.on', restart: { target: 'busy', reenter: true } },
      onDone: 'over',
    },
    rejected: {
      description: 'We said no.',
      initial: 'late',
      states: {
        late: { description: 'It came late.' },
        rude: {
          description: 'It was rude.',
          entry: { type: 'tellLink', params: { type: 'send.disconnect', reason: 'self' } },
        },
      },
      after: { patience: 'over' },
    },
    over: { type: 'final', description: 'The end.' },
  },
  on: {
    'reject.late': '.rejected.late',
    'reject.rude': '.rejected.rude',
    stop: { actions: { type: 'decide' } },
    halt: { actions: 'sayStop' },
    'xstate.done.actor.*': { actions: 'note' },
  },
});

/** A machine whose root is parallel. */
export const twinMachine = setup({}).createMachine({
  id: 'twin',
  type: 'parallel',
  states: { left: {}, right: { initial: 'a', states: { a: { always: 'b' }, b: {} } } },
  on: { reset: '.right.a' },
});
