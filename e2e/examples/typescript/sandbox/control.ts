/** The control API of the training Gosuslugi, with the types of its OpenAPI document (docs/control-api.md). */

import createClient, { type Client } from 'openapi-fetch';

import type { components, paths } from './control-api.ts';

export type Control = Client<paths, 'application/json'>;
export type Message = components['schemas']['MessageAnswer'];

/** Calls below `address` (`http://127.0.0.1:9000/control/v1`, or a stand's `control_url`) with one token. */
export function controlAt(address: string, token: string): Control {
  return createClient<paths, 'application/json'>({
    baseUrl: address,
    headers: { Authorization: `Bearer ${token}` },
  });
}

/** What a call told; an error with the API's own words if it was refused. */
export function told<Told>(call: { data?: Told; error?: unknown; response: Response }): Told {
  if (!call.response.ok) {
    throw new Error(`${call.response.url}: ${call.response.status} ${JSON.stringify(call.error)}`);
  }
  return call.data as Told;
}
