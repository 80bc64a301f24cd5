import { describe, expect, test } from 'vitest';

import {
  SERVICE_TYPES,
  servicesIn,
  UpnpRefusal,
  UpnpService,
} from '../../../src/io/nat/upnp-service.ts';
import { readXml } from '../../../src/io/nat/xml.ts';
import { fakeIgd } from '../../support/fake-igd.ts';
import { limitClock, NEVER } from '../../support/nat-surroundings.ts';

const [V2, V1] = SERVICE_TYPES;
const BASE = new URL('http://192.168.1.1:5000/a/root.xml');

const described = (...services: readonly (readonly [string, string])[]) =>
  servicesIn(
    readXml(
      `<root>${services
        .map(
          ([type, control]) =>
            `<service><serviceType>${type}</serviceType><controlURL>${control}</controlURL></service>`,
        )
        .join('')}</root>`,
    ),
    BASE,
  ).map(({ type, control }) => [type, control.href]);

describe('the services of a description', () => {
  test('that map ports are there, the best first', () => {
    expect(described([V1, '/v1'], ['urn:other', '/other'], [V2, 'v2'])).toEqual([
      [V2, 'http://192.168.1.1:5000/a/v2'],
      [V1, 'http://192.168.1.1:5000/v1'],
    ]);
  });

  test('are called on the host of the description only', () => {
    const places = [
      'http://192.168.1.2:5000/',
      'http://93.184.216.34/',
      '//127.0.0.1/',
      'https://192.168.1.1/',
      'http://',
    ];
    expect(described(...places.map((place) => [V1, place] as const))).toEqual([]);
    expect(described([V1, 'http://192.168.1.1:80/x'])).toEqual([[V1, 'http://192.168.1.1/x']]);
  });

  test('are eight at most', () => {
    const many = Array.from({ length: 9 }, (_, index) => [V1, `/${index}`] as const);
    expect(described(...many)).toHaveLength(8);
  });
});

describe('a call', () => {
  async function called(answer: string, status = 200) {
    const igd = await fakeIgd({
      answer: (_, response) => {
        response.statusCode = status;
        response.end(answer);
        return true;
      },
    });
    const clock = limitClock();
    const service = new UpnpService(V1, new URL(`http://127.0.0.1:${igd.port}/c`), clock);
    return { clock, call: () => service.call('Ask', { One: 'a<b', Two: 2 }, NEVER) };
  }

  test('has an answer with values', async () => {
    const { call } = await called(
      '<s:E><s:B><u:AskResponse><V> 1 </V></u:AskResponse></s:B></s:E>',
    );
    const value = await call();
    expect([value('V'), value('W')]).toEqual(['1', null]);
  });

  test('begins 200 ms after the one before', async () => {
    const { clock, call } = await called('<E><AskResponse/></E>');
    await call();
    expect(clock.pauses).toBe(0);
    await call();
    expect(clock.pauses).toBe(1);
  });

  test('that is refused has the code of the router', async () => {
    const { call } = await called(
      '<E><UPnPError><errorCode>718</errorCode><errorDescription>no\u0007</errorDescription></UPnPError></E>',
      500,
    );
    const refusal = await call().catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(UpnpRefusal);
    expect(refusal).toMatchObject({ code: 718 });
    expect(String(refusal)).toContain('the router refused with 718 (no');
    expect(String(refusal)).not.toContain('\u0007');
  });

  test.for([
    ['<E><UPnPError/></E>', 500, 'the router refused with 0 ()'],
    ['<E/>', 500, 'the router did not answer Ask'],
    ['<OtherResponse/>', 200, 'the router did not answer Ask'],
    ['<AskResponse/>', 500, 'the router did not answer Ask'],
    ['no', 200, 'the XML has no end'],
    ['', 401, 'the router answered with HTTP 401'],
  ] as const)('with the answer %s and status %d fails', async ([answer, status, why]) => {
    const { call } = await called(answer, status);
    await expect(call()).rejects.toThrow(why);
  });

  test('is not begun when it is cancelled in the pause', async () => {
    const igd = await fakeIgd();
    const clock = { ...limitClock(), setTimeout: () => 0, clearTimeout: () => {} };
    const service = new UpnpService(V1, new URL(`http://127.0.0.1:${igd.port}/c`), clock);
    await service.call('GetNATRSIPStatus', {}, NEVER);
    const cancelled = new AbortController();
    const call = service.call('GetNATRSIPStatus', {}, cancelled.signal);
    cancelled.abort();
    await expect(call).rejects.toThrow('cancelled');
    await expect(service.call('GetNATRSIPStatus', {}, AbortSignal.abort())).rejects.toThrow(
      'cancelled',
    );
    expect(igd.requests).toEqual(['GetNATRSIPStatus']);
  });
});
