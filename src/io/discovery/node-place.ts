/** A node at one endpoint: the same node at another is another place, with other keys. */
import { type Endpoint, formatEndpoint } from '../wire/endpoint.ts';

export type Place = { readonly id: string; readonly endpoint: Endpoint };

/** Equal for equal places, and only for them. */
export const placeKey = ({ id, endpoint }: Place): string => `${id} ${formatEndpoint(endpoint)}`;
