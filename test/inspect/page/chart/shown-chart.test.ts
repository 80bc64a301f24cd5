import { expect, test } from 'vitest';

import { Session } from '../../../../src/inspect/page/base/session.ts';
import type { Area, Size } from '../../../../src/inspect/page/chart/chart-scale.ts';
import { ShownChart } from '../../../../src/inspect/page/chart/shown-chart.ts';
import { Store } from '../../../../src/inspect/page/model/store.ts';
import { NodeFrames, setupRow } from '../model/node-frames.ts';
import { type FakeElement, fakeDocument } from './fake-element.ts';

/** A chart of connection-setup, with what it asked of its view. */
function shownChart() {
  const [node, store, session] = [new NodeFrames(), new Store(), new Session()];
  const asked: string[] = [];
  let svg: FakeElement | undefined;
  let picture: (Size & { boxes: readonly (Area & { path: string })[] }) | undefined;
  const nameOf = (area: Area): string =>
    picture!.boxes.find((box) => box === area)?.path ?? `${area.x},${area.y}`;
  const view = {
    show: (drawn: unknown, size: Size) => {
      svg = drawn as FakeElement;
      picture = size as typeof picture;
      asked.push('show');
    },
    centre: (areas: readonly Area[]) => void asked.push(`centre ${nameOf(areas[0]!)}`),
    reveal: (area: Area) => void asked.push(`reveal ${nameOf(area)}`),
  };
  const chart = new ShownChart({ store, session }, 'connection-setup', view as never, fakeDocument);
  const paint = (): readonly string[] => {
    store.apply(node.frame());
    chart.paint();
    return asked.splice(0);
  };
  const withClass = (name: string) => svg!.all().filter(({ classes }) => classes.has(name));
  return { node, session, chart, paint, withClass, asked };
}

const event = { stopPropagation: () => {}, preventDefault: () => {} };

function rejectedConnection(node: NodeFrames): void {
  const actor = node.born(
    'connection-setup',
    'connection-setup:1',
    'encHandshake.awaitingAuth',
    setupRow(),
  );
  node.step(actor, 'reject.self', 'rejected.self', ['', 'reject.self', 'rejected.self']);
  node.step(actor, 'link.closed', 'closed', ['rejected', 'link.closed', 'closed']);
  node.over(actor);
}

test('a chart without actors opens at its start, and once on the state with most actors', () => {
  const { node, paint } = shownChart();
  expect(paint()).toEqual(['show', 'centre 0,0']);
  for (const each of [1, 2, 3])
    node.born(
      'connection-setup',
      `connection-setup:${each}`,
      each === 1 ? 'protoHandshake' : 'encHandshake.awaitingAck',
      setupRow(),
    );
  expect(paint()).toEqual(['centre encHandshake.awaitingAck']);
  expect(paint()).toEqual([]);
});

test('a selected connection that ended is shown at its reason, which is listed', () => {
  const { node, session, paint, withClass } = shownChart();
  paint();
  rejectedConnection(node);
  session.select('1');
  expect(paint()).toEqual(['show', 'centre rejected']);
  expect(withClass('listed').filter(({ name }) => name === 'g')).toHaveLength(1);
  session.select(null);
  expect(paint()).toEqual(['show', 'centre 0,0']);
  expect(withClass('listed')).toEqual([]);
});

test('a chart says when the selection was never in it, or is in a state that it lacks', () => {
  const { node, session, paint, chart } = shownChart();
  const peer = node.born('peer', 'peer:1', 'running.resting');
  node.step(peer, 'xstate.init', 'running.resting');
  paint();
  expect(chart.paint()).toBe('shown');
  session.select(`a${peer}`);
  expect(chart.paint()).toBe('elsewhere');
  const lost = node.born('connection-setup', 'connection-setup:2', 'flying', setupRow());
  node.step(lost, 'xstate.init', 'flying');
  paint();
  session.select(`a${lost}`);
  expect(chart.paint()).toBe('lost');
});

test('a past step of the selection is brought into view', () => {
  const { node, session, paint } = shownChart();
  rejectedConnection(node);
  session.select('1');
  paint();
  session.step.value = 0;
  expect(paint()).toContain('reveal rejected');
});

test('a box of reasons is opened and closed, with a new drawing each time', () => {
  const { paint, withClass, asked } = shownChart();
  paint();
  const press = () => withClass('fold')[0]!.listeners[0]!(event);
  press();
  expect(asked.splice(0)).toEqual(['show']);
  expect(withClass('row').filter(({ classes }) => classes.has('listed'))).toHaveLength(13);
  press();
  expect(asked.splice(0)).toEqual(['show']);
  expect(withClass('listed')).toEqual([]);
});

test('a click on a state filters the list by it', () => {
  const { session, paint, withClass } = shownChart();
  paint();
  withClass('state').find(({ children }) => children[0]!.textContent.startsWith('protoHandshake'))!
    .listeners[0]!(event);
  expect([session.filter.value, session.list.value]).toEqual(['state:protoHandshake', 'live']);
});
