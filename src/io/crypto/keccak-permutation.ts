/**
 * Keccak-f[1600] on pairs of 32-bit integers, for where WebAssembly is not allowed. Generated:
 * `npx vitest run test/io/crypto/keccak-permutation.test.ts -u` writes it. `l` and `h` are the halves of a lane.
 */

/** Low and high half, one pair for each round. */
const ROUND_CONSTANTS = Int32Array.of(
  0x00000001,
  0x00000000,
  0x00008082,
  0x00000000,
  0x0000808a,
  -0x80000000,
  -0x7fff8000,
  -0x80000000,
  0x0000808b,
  0x00000000,
  -0x7fffffff,
  0x00000000,
  -0x7fff7f7f,
  -0x80000000,
  0x00008009,
  -0x80000000,
  0x0000008a,
  0x00000000,
  0x00000088,
  0x00000000,
  -0x7fff7ff7,
  0x00000000,
  -0x7ffffff6,
  0x00000000,
  -0x7fff7f75,
  0x00000000,
  0x0000008b,
  -0x80000000,
  0x00008089,
  -0x80000000,
  0x00008003,
  -0x80000000,
  0x00008002,
  -0x80000000,
  0x00000080,
  -0x80000000,
  0x0000800a,
  0x00000000,
  -0x7ffffff6,
  -0x80000000,
  -0x7fff7f7f,
  -0x80000000,
  0x00008080,
  -0x80000000,
  -0x7fffffff,
  0x00000000,
  -0x7fff7ff8,
  -0x80000000,
);

/** @param state 50 halves of lanes, the low one first. */
export function permute(state: Int32Array): void {
  let l0 = state[0]!;
  let h0 = state[1]!;
  let l1 = state[2]!;
  let h1 = state[3]!;
  let l2 = state[4]!;
  let h2 = state[5]!;
  let l3 = state[6]!;
  let h3 = state[7]!;
  let l4 = state[8]!;
  let h4 = state[9]!;
  let l5 = state[10]!;
  let h5 = state[11]!;
  let l6 = state[12]!;
  let h6 = state[13]!;
  let l7 = state[14]!;
  let h7 = state[15]!;
  let l8 = state[16]!;
  let h8 = state[17]!;
  let l9 = state[18]!;
  let h9 = state[19]!;
  let l10 = state[20]!;
  let h10 = state[21]!;
  let l11 = state[22]!;
  let h11 = state[23]!;
  let l12 = state[24]!;
  let h12 = state[25]!;
  let l13 = state[26]!;
  let h13 = state[27]!;
  let l14 = state[28]!;
  let h14 = state[29]!;
  let l15 = state[30]!;
  let h15 = state[31]!;
  let l16 = state[32]!;
  let h16 = state[33]!;
  let l17 = state[34]!;
  let h17 = state[35]!;
  let l18 = state[36]!;
  let h18 = state[37]!;
  let l19 = state[38]!;
  let h19 = state[39]!;
  let l20 = state[40]!;
  let h20 = state[41]!;
  let l21 = state[42]!;
  let h21 = state[43]!;
  let l22 = state[44]!;
  let h22 = state[45]!;
  let l23 = state[46]!;
  let h23 = state[47]!;
  let l24 = state[48]!;
  let h24 = state[49]!;
  for (let round = 0; round < ROUND_CONSTANTS.length; round += 2) {
    const lc0 = l0 ^ l5 ^ l10 ^ l15 ^ l20;
    const hc0 = h0 ^ h5 ^ h10 ^ h15 ^ h20;
    const lc1 = l1 ^ l6 ^ l11 ^ l16 ^ l21;
    const hc1 = h1 ^ h6 ^ h11 ^ h16 ^ h21;
    const lc2 = l2 ^ l7 ^ l12 ^ l17 ^ l22;
    const hc2 = h2 ^ h7 ^ h12 ^ h17 ^ h22;
    const lc3 = l3 ^ l8 ^ l13 ^ l18 ^ l23;
    const hc3 = h3 ^ h8 ^ h13 ^ h18 ^ h23;
    const lc4 = l4 ^ l9 ^ l14 ^ l19 ^ l24;
    const hc4 = h4 ^ h9 ^ h14 ^ h19 ^ h24;
    const ld0 = lc4 ^ ((lc1 << 1) | (hc1 >>> 31));
    const hd0 = hc4 ^ ((hc1 << 1) | (lc1 >>> 31));
    const ld1 = lc0 ^ ((lc2 << 1) | (hc2 >>> 31));
    const hd1 = hc0 ^ ((hc2 << 1) | (lc2 >>> 31));
    const ld2 = lc1 ^ ((lc3 << 1) | (hc3 >>> 31));
    const hd2 = hc1 ^ ((hc3 << 1) | (lc3 >>> 31));
    const ld3 = lc2 ^ ((lc4 << 1) | (hc4 >>> 31));
    const hd3 = hc2 ^ ((hc4 << 1) | (lc4 >>> 31));
    const ld4 = lc3 ^ ((lc0 << 1) | (hc0 >>> 31));
    const hd4 = hc3 ^ ((hc0 << 1) | (lc0 >>> 31));
    const lt0 = l0 ^ ld0;
    const ht0 = h0 ^ hd0;
    const lb0 = lt0;
    const hb0 = ht0;
    const lt1 = l1 ^ ld1;
    const ht1 = h1 ^ hd1;
    const lb10 = (lt1 << 1) | (ht1 >>> 31);
    const hb10 = (ht1 << 1) | (lt1 >>> 31);
    const lt2 = l2 ^ ld2;
    const ht2 = h2 ^ hd2;
    const lb20 = (ht2 << 30) | (lt2 >>> 2);
    const hb20 = (lt2 << 30) | (ht2 >>> 2);
    const lt3 = l3 ^ ld3;
    const ht3 = h3 ^ hd3;
    const lb5 = (lt3 << 28) | (ht3 >>> 4);
    const hb5 = (ht3 << 28) | (lt3 >>> 4);
    const lt4 = l4 ^ ld4;
    const ht4 = h4 ^ hd4;
    const lb15 = (lt4 << 27) | (ht4 >>> 5);
    const hb15 = (ht4 << 27) | (lt4 >>> 5);
    const lt5 = l5 ^ ld0;
    const ht5 = h5 ^ hd0;
    const lb16 = (ht5 << 4) | (lt5 >>> 28);
    const hb16 = (lt5 << 4) | (ht5 >>> 28);
    const lt6 = l6 ^ ld1;
    const ht6 = h6 ^ hd1;
    const lb1 = (ht6 << 12) | (lt6 >>> 20);
    const hb1 = (lt6 << 12) | (ht6 >>> 20);
    const lt7 = l7 ^ ld2;
    const ht7 = h7 ^ hd2;
    const lb11 = (lt7 << 6) | (ht7 >>> 26);
    const hb11 = (ht7 << 6) | (lt7 >>> 26);
    const lt8 = l8 ^ ld3;
    const ht8 = h8 ^ hd3;
    const lb21 = (ht8 << 23) | (lt8 >>> 9);
    const hb21 = (lt8 << 23) | (ht8 >>> 9);
    const lt9 = l9 ^ ld4;
    const ht9 = h9 ^ hd4;
    const lb6 = (lt9 << 20) | (ht9 >>> 12);
    const hb6 = (ht9 << 20) | (lt9 >>> 12);
    const lt10 = l10 ^ ld0;
    const ht10 = h10 ^ hd0;
    const lb7 = (lt10 << 3) | (ht10 >>> 29);
    const hb7 = (ht10 << 3) | (lt10 >>> 29);
    const lt11 = l11 ^ ld1;
    const ht11 = h11 ^ hd1;
    const lb17 = (lt11 << 10) | (ht11 >>> 22);
    const hb17 = (ht11 << 10) | (lt11 >>> 22);
    const lt12 = l12 ^ ld2;
    const ht12 = h12 ^ hd2;
    const lb2 = (ht12 << 11) | (lt12 >>> 21);
    const hb2 = (lt12 << 11) | (ht12 >>> 21);
    const lt13 = l13 ^ ld3;
    const ht13 = h13 ^ hd3;
    const lb12 = (lt13 << 25) | (ht13 >>> 7);
    const hb12 = (ht13 << 25) | (lt13 >>> 7);
    const lt14 = l14 ^ ld4;
    const ht14 = h14 ^ hd4;
    const lb22 = (ht14 << 7) | (lt14 >>> 25);
    const hb22 = (lt14 << 7) | (ht14 >>> 25);
    const lt15 = l15 ^ ld0;
    const ht15 = h15 ^ hd0;
    const lb23 = (ht15 << 9) | (lt15 >>> 23);
    const hb23 = (lt15 << 9) | (ht15 >>> 23);
    const lt16 = l16 ^ ld1;
    const ht16 = h16 ^ hd1;
    const lb8 = (ht16 << 13) | (lt16 >>> 19);
    const hb8 = (lt16 << 13) | (ht16 >>> 19);
    const lt17 = l17 ^ ld2;
    const ht17 = h17 ^ hd2;
    const lb18 = (lt17 << 15) | (ht17 >>> 17);
    const hb18 = (ht17 << 15) | (lt17 >>> 17);
    const lt18 = l18 ^ ld3;
    const ht18 = h18 ^ hd3;
    const lb3 = (lt18 << 21) | (ht18 >>> 11);
    const hb3 = (ht18 << 21) | (lt18 >>> 11);
    const lt19 = l19 ^ ld4;
    const ht19 = h19 ^ hd4;
    const lb13 = (lt19 << 8) | (ht19 >>> 24);
    const hb13 = (ht19 << 8) | (lt19 >>> 24);
    const lt20 = l20 ^ ld0;
    const ht20 = h20 ^ hd0;
    const lb14 = (lt20 << 18) | (ht20 >>> 14);
    const hb14 = (ht20 << 18) | (lt20 >>> 14);
    const lt21 = l21 ^ ld1;
    const ht21 = h21 ^ hd1;
    const lb24 = (lt21 << 2) | (ht21 >>> 30);
    const hb24 = (ht21 << 2) | (lt21 >>> 30);
    const lt22 = l22 ^ ld2;
    const ht22 = h22 ^ hd2;
    const lb9 = (ht22 << 29) | (lt22 >>> 3);
    const hb9 = (lt22 << 29) | (ht22 >>> 3);
    const lt23 = l23 ^ ld3;
    const ht23 = h23 ^ hd3;
    const lb19 = (ht23 << 24) | (lt23 >>> 8);
    const hb19 = (lt23 << 24) | (ht23 >>> 8);
    const lt24 = l24 ^ ld4;
    const ht24 = h24 ^ hd4;
    const lb4 = (lt24 << 14) | (ht24 >>> 18);
    const hb4 = (ht24 << 14) | (lt24 >>> 18);
    l0 = lb0 ^ (~lb1 & lb2) ^ ROUND_CONSTANTS[round]!;
    h0 = hb0 ^ (~hb1 & hb2) ^ ROUND_CONSTANTS[round + 1]!;
    l1 = lb1 ^ (~lb2 & lb3);
    h1 = hb1 ^ (~hb2 & hb3);
    l2 = lb2 ^ (~lb3 & lb4);
    h2 = hb2 ^ (~hb3 & hb4);
    l3 = lb3 ^ (~lb4 & lb0);
    h3 = hb3 ^ (~hb4 & hb0);
    l4 = lb4 ^ (~lb0 & lb1);
    h4 = hb4 ^ (~hb0 & hb1);
    l5 = lb5 ^ (~lb6 & lb7);
    h5 = hb5 ^ (~hb6 & hb7);
    l6 = lb6 ^ (~lb7 & lb8);
    h6 = hb6 ^ (~hb7 & hb8);
    l7 = lb7 ^ (~lb8 & lb9);
    h7 = hb7 ^ (~hb8 & hb9);
    l8 = lb8 ^ (~lb9 & lb5);
    h8 = hb8 ^ (~hb9 & hb5);
    l9 = lb9 ^ (~lb5 & lb6);
    h9 = hb9 ^ (~hb5 & hb6);
    l10 = lb10 ^ (~lb11 & lb12);
    h10 = hb10 ^ (~hb11 & hb12);
    l11 = lb11 ^ (~lb12 & lb13);
    h11 = hb11 ^ (~hb12 & hb13);
    l12 = lb12 ^ (~lb13 & lb14);
    h12 = hb12 ^ (~hb13 & hb14);
    l13 = lb13 ^ (~lb14 & lb10);
    h13 = hb13 ^ (~hb14 & hb10);
    l14 = lb14 ^ (~lb10 & lb11);
    h14 = hb14 ^ (~hb10 & hb11);
    l15 = lb15 ^ (~lb16 & lb17);
    h15 = hb15 ^ (~hb16 & hb17);
    l16 = lb16 ^ (~lb17 & lb18);
    h16 = hb16 ^ (~hb17 & hb18);
    l17 = lb17 ^ (~lb18 & lb19);
    h17 = hb17 ^ (~hb18 & hb19);
    l18 = lb18 ^ (~lb19 & lb15);
    h18 = hb18 ^ (~hb19 & hb15);
    l19 = lb19 ^ (~lb15 & lb16);
    h19 = hb19 ^ (~hb15 & hb16);
    l20 = lb20 ^ (~lb21 & lb22);
    h20 = hb20 ^ (~hb21 & hb22);
    l21 = lb21 ^ (~lb22 & lb23);
    h21 = hb21 ^ (~hb22 & hb23);
    l22 = lb22 ^ (~lb23 & lb24);
    h22 = hb22 ^ (~hb23 & hb24);
    l23 = lb23 ^ (~lb24 & lb20);
    h23 = hb23 ^ (~hb24 & hb20);
    l24 = lb24 ^ (~lb20 & lb21);
    h24 = hb24 ^ (~hb20 & hb21);
  }
  state[0] = l0;
  state[1] = h0;
  state[2] = l1;
  state[3] = h1;
  state[4] = l2;
  state[5] = h2;
  state[6] = l3;
  state[7] = h3;
  state[8] = l4;
  state[9] = h4;
  state[10] = l5;
  state[11] = h5;
  state[12] = l6;
  state[13] = h6;
  state[14] = l7;
  state[15] = h7;
  state[16] = l8;
  state[17] = h8;
  state[18] = l9;
  state[19] = h9;
  state[20] = l10;
  state[21] = h10;
  state[22] = l11;
  state[23] = h11;
  state[24] = l12;
  state[25] = h12;
  state[26] = l13;
  state[27] = h13;
  state[28] = l14;
  state[29] = h14;
  state[30] = l15;
  state[31] = h15;
  state[32] = l16;
  state[33] = h16;
  state[34] = l17;
  state[35] = h17;
  state[36] = l18;
  state[37] = h18;
  state[38] = l19;
  state[39] = h19;
  state[40] = l20;
  state[41] = h20;
  state[42] = l21;
  state[43] = h21;
  state[44] = l22;
  state[45] = h22;
  state[46] = l23;
  state[47] = h23;
  state[48] = l24;
  state[49] = h24;
}
