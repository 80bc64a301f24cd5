import { beforeAll, describe, expect, test } from 'vitest';

import { chartModel } from '../../src/charts/chart-model.ts';
import { type Picture, pictureOf } from '../../src/charts/picture.ts';
import { allUnfolded, shownRows, unfolded } from '../../src/charts/unfold.ts';
import { connectionSetupMachine } from '../../src/machines/connection/connection-setup.ts';

let folded: Picture;
beforeAll(async () => {
  folded = await pictureOf(chartModel(connectionSetupMachine));
}, 60_000);

const boxAt = ({ boxes }: Picture, path: string) => boxes.find((box) => box.path === path)!;
const titlesIn = (picture: Picture, path: string) =>
  shownRows(boxAt(picture, path)).map(([, { texts }]) => texts[0]!.text);

describe('a box of reasons', () => {
  test('is one line with the number of its reasons', () => {
    const { texts, height } = boxAt(folded, 'rejected');
    expect(texts.map(({ text }) => text)).toEqual(['rejected', '13 reasons']);
    expect(height).toBe(32);
    expect(titlesIn(folded, 'rejected')).toEqual([]);
  });

  test('shows one of its reasons when asked for it, at the top', () => {
    const place = boxAt(folded, 'rejected').rows.findIndex(
      ({ texts }) => texts[0]!.text === 'tooManyPeers',
    );
    const open = unfolded(folded, new Map([['rejected', new Set([place])]]));
    expect(titlesIn(open, 'rejected')).toEqual(['tooManyPeers']);
    expect(shownRows(boxAt(open, 'rejected'))[0]![0]).toBe(place);
    expect(boxAt(open, 'rejected').height).toBe(57);
    expect(shownRows(boxAt(open, 'rejected'))[0]![1].y).toBe(boxAt(open, 'rejected').y + 32);
    expect(boxAt(open, 'refused')).toEqual(boxAt(folded, 'refused'));
  });

  test('moves what is below it down, in its column only', () => {
    const open = unfolded(folded, new Map([['refused', new Set([0, 1, 2])]]));
    expect(boxAt(open, 'closed').y).toBe(boxAt(folded, 'closed').y + 59);
    expect(boxAt(open, 'encHandshake')).toEqual(boxAt(folded, 'encHandshake'));
    expect(unfolded(folded, new Map())).toEqual(folded);
  });

  test('shows all its reasons in the picture of a document', () => {
    const open = allUnfolded(folded);
    expect(titlesIn(open, 'rejected')).toHaveLength(13);
    expect(titlesIn(open, 'failed')).toHaveLength(19);
    const tallest = boxAt(open, 'failed');
    expect(boxAt(open, 'closed').y).toBeGreaterThan(tallest.y + tallest.height);
  });
});
