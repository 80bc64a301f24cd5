/**
 * JSON-RPC 2.0 with the habits of go-ethereum: from a JSON text to calls, and from results to a JSON text. Pure.
 * Source: jsonrpc.org/specification; go-ethereum rpc/json.go, rpc/handler.go and rpc/errors.go.
 */

/** Calls of one batch. Source: go-ethereum node/defaults.go. */
export const MAX_BATCH_CALLS = 1_000;

/** Longest name of a method, in UTF-16 units. Source: go-ethereum rpc/json.go. */
const MAX_METHOD_CHARS = 2_048;

/** Codes of errors. Those above -32600 are of the specification, the rest of go-ethereum. */
const RPC_CODES = {
  unreadable: -32_700,
  invalidRequest: -32_600,
  noSuchMethod: -32_601,
  invalidParams: -32_602,
  internal: -32_603,
  /** The method refused, for a reason of its own. */
  failed: -32_000,
  timedOut: -32_002,
  answerTooLarge: -32_003,
} as const;

type RpcErrorKind = keyof typeof RPC_CODES;

/** Sent to the client as it is. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly kind: RpcErrorKind;

  constructor(kind: RpcErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }

  get code(): number {
    return RPC_CODES[this.kind];
  }
}

type RpcId = string | number | boolean | null;

export type RpcRequest =
  /** Without an id it is a notification, which is not answered. */
  | {
      readonly type: 'call';
      readonly id: RpcId | undefined;
      readonly method: string;
      readonly params: readonly unknown[];
    }
  | { readonly type: 'invalid'; readonly id: RpcId; readonly error: RpcError };

/** @throws {RpcError} `unreadable`, or `invalidRequest` for an empty batch. */
export function readRequests(text: string): {
  readonly isBatch: boolean;
  readonly requests: readonly RpcRequest[];
} {
  const message = parsed(text);
  if (!Array.isArray(message)) return { isBatch: false, requests: [requestOf(message)] };
  if (message.length === 0) throw new RpcError('invalidRequest', 'empty batch');
  if (message.length <= MAX_BATCH_CALLS) return { isBatch: true, requests: message.map(requestOf) };
  // the first id, so that a client that matches answers by id notices: as go-ethereum
  const { id = null } = message.map(requestOf).find(({ type }) => type === 'call') ?? {};
  const error = new RpcError('invalidRequest', `batch too large: ${MAX_BATCH_CALLS} calls at most`);
  return { isBatch: true, requests: [{ type: 'invalid', id, error }] };
}

/** @param result Undefined counts as null. @throws {TypeError} It has no JSON. */
export const resultText = (id: RpcId, result: unknown): string =>
  `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${JSON.stringify(result) ?? 'null'}}`;

export const errorText = (id: RpcId, { code, message }: RpcError): string =>
  JSON.stringify({ jsonrpc: '2.0', id, error: { code, message } });

/** What a subscription sends. @throws {TypeError} `result` has no JSON. */
export const notificationText = (
  namespace: string,
  subscription: string,
  result: unknown,
): string =>
  JSON.stringify({
    jsonrpc: '2.0',
    method: `${namespace}_subscription`,
    params: { subscription, result },
  });

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new RpcError('unreadable', (error as Error).message, { cause: error });
  }
}

function requestOf(message: unknown): RpcRequest {
  if (typeof message !== 'object' || message === null) return invalid(null, 'invalid request');
  const { jsonrpc, id, method, params = [] } = message as Readonly<Record<string, unknown>>;
  if (id !== undefined && !isId(id)) return invalid(null, 'invalid request');
  const answered = id ?? null;
  if (jsonrpc !== '2.0' || typeof method !== 'string' || method === '')
    return invalid(answered, 'invalid request');
  if (method.length > MAX_METHOD_CHARS)
    return invalid(answered, `method name too long: ${method.length} > ${MAX_METHOD_CHARS}`);
  if (params !== null && !Array.isArray(params))
    return { ...invalid(answered), error: new RpcError('invalidParams', 'non-array args') };
  return { type: 'call', id, method, params: params ?? [] };
}

/** A larger whole number would not come back as it was sent. */
const isId = (id: unknown): id is RpcId =>
  id === null ||
  typeof id === 'string' ||
  typeof id === 'boolean' ||
  (typeof id === 'number' && Math.abs(id) <= Number.MAX_SAFE_INTEGER);

function invalid(id: RpcId, message = ''): RpcRequest & { readonly type: 'invalid' } {
  return { type: 'invalid', id, error: new RpcError('invalidRequest', message) };
}
