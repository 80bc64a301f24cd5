/** Writes `src/io/crypto/keccak-permutation.ts`: one round with all lanes in local variables, which no loop can have. */
import { keccakTables } from '../../../src/io/crypto/keccak-tables.ts';

const { roundConstants, rotations, targets } = keccakTables();
const FIVE = [0, 1, 2, 3, 4];
const LANES = Array.from({ length: 25 }, (_, index) => index);

export function permutationSource(): string {
  const constants = roundConstants.flatMap((constant) => [
    Number(BigInt.asIntN(32, constant)),
    Number(BigInt.asIntN(32, constant >> 32n)),
  ]);
  return [
    '/**',
    ' * Keccak-f[1600] on pairs of 32-bit integers, for where WebAssembly is not allowed. Generated:',
    ' * `npx vitest run test/io/crypto/keccak-permutation.test.ts -u` writes it. `l` and `h` are the halves of a lane.',
    ' */',
    '',
    '/** Low and high half, one pair for each round. */',
    'const ROUND_CONSTANTS = Int32Array.of(',
    ...constants.map((constant) => `  ${hexOf(constant)},`),
    ');',
    '',
    '/** @param state 50 halves of lanes, the low one first. */',
    'export function permute(state: Int32Array): void {',
    ...LANES.flatMap((i) => [
      `  let l${i} = state[${2 * i}]!;`,
      `  let h${i} = state[${2 * i + 1}]!;`,
    ]),
    '  for (let round = 0; round < ROUND_CONSTANTS.length; round += 2) {',
    ...roundSource().map((line) => `    ${line}`),
    '  }',
    ...LANES.flatMap((i) => [`  state[${2 * i}] = l${i};`, `  state[${2 * i + 1}] = h${i};`]),
    '}',
    '',
  ].join('\n');
}

function roundSource(): string[] {
  return [
    ...FIVE.flatMap((x) =>
      ['l', 'h'].map((half) => {
        const lanes = FIVE.map((y) => `${half}${x + 5 * y}`);
        return `const ${half}c${x} = ${lanes.join(' ^ ')};`;
      }),
    ),
    ...FIVE.flatMap((x) => {
      const [before, after] = [(x + 4) % 5, (x + 1) % 5];
      return [
        `const ld${x} = lc${before} ^ ((lc${after} << 1) | (hc${after} >>> 31));`,
        `const hd${x} = hc${before} ^ ((hc${after} << 1) | (lc${after} >>> 31));`,
      ];
    }),
    ...LANES.flatMap((i) => [
      `const lt${i} = l${i} ^ ld${i % 5};`,
      `const ht${i} = h${i} ^ hd${i % 5};`,
      ...movedSource(i),
    ]),
    ...LANES.flatMap((i) => {
      const row = i - (i % 5);
      const [next, second] = [row + ((i + 1) % 5), row + ((i + 2) % 5)];
      const constant = (half: number) =>
        i === 0 ? ` ^ ROUND_CONSTANTS[round${half ? ' + 1' : ''}]!` : '';
      return [
        `l${i} = lb${i} ^ (~lb${next} & lb${second})${constant(0)};`,
        `h${i} = hb${i} ^ (~hb${next} & hb${second})${constant(1)};`,
      ];
    }),
  ];
}

function movedSource(i: number): string[] {
  const [bits, to] = [rotations[i]!, targets[i]!];
  const [low, high] = bits < 32 ? ['lt', 'ht'] : ['ht', 'lt'];
  const left = bits % 32;
  if (left === 0) return [`const lb${to} = ${low}${i};`, `const hb${to} = ${high}${i};`];
  return [
    `const lb${to} = (${low}${i} << ${left}) | (${high}${i} >>> ${32 - left});`,
    `const hb${to} = (${high}${i} << ${left}) | (${low}${i} >>> ${32 - left});`,
  ];
}

const hexOf = (constant: number): string =>
  `${constant < 0 ? '-' : ''}0x${Math.abs(constant).toString(16).padStart(8, '0')}`;
