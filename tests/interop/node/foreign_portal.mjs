// A portal that nobody adapted to the sandbox: an ordinary web program that signs people in with `openid-client`.
//
// Usage: node foreign_portal.mjs '{"issuer", "client_id", "client_secret", "scope"}'
// Prints its address when it answers, and ends when its input ends. `/` links to `/login`; `/callback` shows the
// person's name or an error page.

import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';

import * as client from 'openid-client';

const settings = JSON.parse(process.argv[2]);
const pending = new Map();
let config;

const server = createServer(async (request, response) => {
  const address = new URL(request.url, origin);
  const send = (status, body, headers = {}) => {
    response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', ...headers });
    response.end(`<!doctype html><title>Clinic</title>${body}`);
  };
  try {
    if (address.pathname === '/') {
      send(200, '<a href="/login">Sign in</a>');
    } else if (address.pathname === '/login') {
      config ??= await client.discovery(
        new URL(settings.issuer),
        settings.client_id,
        undefined,
        client.ClientSecretBasic(settings.client_secret),
        { execute: [client.allowInsecureRequests] },
      );
      const id = randomUUID();
      const checks = {
        pkceCodeVerifier: client.randomPKCECodeVerifier(),
        expectedNonce: client.randomNonce(),
        expectedState: client.randomState(),
        idTokenExpected: true,
      };
      pending.set(id, checks);
      const away = client.buildAuthorizationUrl(config, {
        redirect_uri: `${origin}/callback`,
        scope: settings.scope,
        code_challenge: await client.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
        code_challenge_method: 'S256',
        nonce: checks.expectedNonce,
        state: checks.expectedState,
      });
      send(302, '', { location: away.href, 'set-cookie': `sign_in=${id}; HttpOnly; SameSite=Lax; Path=/` });
    } else if (address.pathname === '/callback') {
      const id = /sign_in=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1];
      const checks = pending.get(id);
      pending.delete(id);
      const tokens = await client.authorizationCodeGrant(config, address, checks);
      const person = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
      send(200, `<h1>Welcome, ${person.given_name} ${person.family_name}</h1>`);
    } else {
      send(404, '<h1>Not found</h1>');
    }
  } catch (error) {
    send(502, `<h1>Sign-in failed</h1><p>${error.code ?? error.name}</p><a href="/login">Try again</a>`);
  }
});
await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
const origin = `http://localhost:${server.address().port}`;
process.stdin.on('end', () => process.exit(0)).resume();
console.log(origin);
