// What a site built with `openid-client` does: discovery, PKCE, nonce, state, every check the library has.
//
// Usage: node openid_client.mjs '{"issuer", "client_id", "client_secret", "redirect_uri", "scope"}'
// Prints the address for the browser as JSON, reads the address that the browser came back to, and prints what the
// library made of it: the claims of the id token and of the person, or the error.

import { createInterface } from 'node:readline/promises';

import * as client from 'openid-client';

const settings = JSON.parse(process.argv[2]);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const tell = (value) => console.log(JSON.stringify(value));

try {
  const config = await client.discovery(
    new URL(settings.issuer),
    settings.client_id,
    undefined,
    client.ClientSecretBasic(settings.client_secret),
    { execute: [client.allowInsecureRequests] },
  );
  // Otherwise the library trusts the connection to the token endpoint and does not look at the signature.
  client.enableNonRepudiationChecks(config);

  const verifier = client.randomPKCECodeVerifier();
  const expected = {
    pkceCodeVerifier: verifier,
    expectedNonce: client.randomNonce(),
    expectedState: client.randomState(),
    idTokenExpected: true,
  };
  const address = client.buildAuthorizationUrl(config, {
    redirect_uri: settings.redirect_uri,
    scope: settings.scope,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    nonce: expected.expectedNonce,
    state: expected.expectedState,
  });
  tell({ address: address.href });

  const back = (await lines.next()).value;
  const tokens = await client.authorizationCodeGrant(config, new URL(back), expected);
  const claims = tokens.claims();
  const person = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
  tell({ claims, person, scope: tokens.scope });
} catch (error) {
  tell({ error: error.code ?? error.name, why: `${error.message} ${error.cause?.message ?? ''}`.trim() });
  process.exitCode = 1;
}
process.exit();
