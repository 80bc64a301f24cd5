/** A router on loopback that speaks NAT-PMP, well or badly. */
import type { UdpServer } from './udp-server.ts';
import { udpServer } from './udp-server.ts';

export type FakeNatPmp = UdpServer & {
  /** Lifetimes in s of the mappings, by protocol and external port, such as `tcp 30303`. */
  readonly mappings: ReadonlyMap<string, number>;
  /** How it answers from now on. */
  manner: {
    readonly externalHost: string;
    /** A result code other than 0 in every answer. */
    readonly code: number;
    readonly isSilent: boolean;
    /** Changes each answer before it is sent. */
    readonly change: (answer: Uint8Array) => Uint8Array;
  };
  set(change: Partial<FakeNatPmp['manner']>): void;
};

export async function fakeNatPmp(externalHost = '93.184.216.34'): Promise<FakeNatPmp> {
  const mappings = new Map<string, number>();
  const fake = {
    mappings,
    manner: { externalHost, code: 0, isSilent: false, change: (answer: Uint8Array) => answer },
    set(change: Partial<FakeNatPmp['manner']>): void {
      this.manner = { ...this.manner, ...change };
    },
  };
  const answer = (request: Uint8Array): readonly Uint8Array[] => {
    const { externalHost: host, code, isSilent, change } = fake.manner;
    if (isSilent) return [];
    const opcode = request[1]!;
    const response = new Uint8Array(opcode === 0 ? 12 : 16);
    const view = new DataView(response.buffer);
    response[1] = 128 + opcode;
    view.setUint16(2, code);
    if (opcode === 0) response.set(host.split('.').map(Number), 8);
    else {
      const asked = new DataView(request.buffer, request.byteOffset, request.byteLength);
      const [port, external, lifetime] = [
        asked.getUint16(4),
        asked.getUint16(6),
        asked.getUint32(8),
      ];
      view.setUint16(8, port);
      view.setUint16(10, lifetime === 0 ? 0 : external || port);
      view.setUint32(12, lifetime);
      const protocol = opcode === 1 ? 'udp' : 'tcp';
      // a deletion names the port of ours, which is also the external one here
      if (code === 0 && lifetime === 0) mappings.delete(`${protocol} ${port}`);
      else if (code === 0) mappings.set(`${protocol} ${external || port}`, lifetime);
    }
    return [change(response)];
  };
  return Object.assign(fake, await udpServer(answer));
}
