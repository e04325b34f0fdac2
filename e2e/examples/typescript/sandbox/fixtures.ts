/**
 * Fixtures as those of the pytest plug-in: `stand`, `arm`, `inbox`, `clock`. Copy this folder into your own tests.
 *
 * SANDBOX_URL is where the training Gosuslugi runs (`sandbox-idp serve`), IDP_CONTROL_TOKEN its control token.
 */

import { test as base, type Page } from '@playwright/test';

import type { components } from './control-api.ts';
import { controlAt, told, type Control, type Message } from './control.ts';

/** A stand of the test's own, thrown away after it. */
export type Stand = { id: string; portalUrl: string; idpUrl: string; control: Control };

export type Arming = components['schemas']['ArmBody'];
export type Kind = 'sms' | 'push' | 'mail';

/** The stand's phone and mailbox, read message by message: each is given out once. */
export class Inbox {
  #seen = 0;

  constructor(readonly control: Control) {}

  /** The oldest message not read yet; waits for it up to `wait` real seconds. */
  async next(kind: Kind, wait = 10): Promise<Message> {
    const [message] = await this.#unread(kind, wait);
    if (message === undefined) throw new Error(`no ${kind} came within ${wait} s`);
    this.#seen = message.id;
    return message;
  }

  /** The code in the next message. */
  async code(kind: Kind = 'sms'): Promise<string> {
    const message = await this.next(kind);
    if (!message.code) throw new Error(`no code in ${message.text}`);
    return message.code;
  }

  /** Whether nothing has come since the last read. */
  async isEmpty(kind: Kind = 'sms'): Promise<boolean> {
    return (await this.#unread(kind)).length === 0;
  }

  async #unread(kind: Kind, wait?: number): Promise<Message[]> {
    const query = { kind, after: this.#seen, ...(wait === undefined ? {} : { wait }) };
    return told(await this.control.GET('/inbox', { params: { query } })).messages;
  }
}

/** One clock for everything a test looks at: the stand's, which both programs follow, and the page's. */
export class Clock {
  constructor(readonly control: Control, readonly page: Page) {}

  /** Both go forward by so many seconds: first the stand, so that what the page then asks for is answered in it. */
  async advance(seconds: number): Promise<void> {
    told(await this.control.POST('/clock', { body: { advance: `PT${seconds}S` } }));
    await this.page.clock.fastForward(seconds * 1000);
  }
}

type Fixtures = {
  stand: Stand;
  /** `arm('token-500', { scope: 'next-sign-in', count: 1 })`: set a scenario of the test's stand going. */
  arm: (entry: string, how?: Arming) => Promise<void>;
  inbox: Inbox;
  /** Ask for it before the first page is opened: it takes the page's timers over. */
  clock: Clock;
};

export const test = base.extend<Fixtures, { whole: Control }>({
  whole: [
    async ({}, use) => {
      const { SANDBOX_URL: address, IDP_CONTROL_TOKEN: token } = process.env;
      if (!address || !token) throw new Error('set SANDBOX_URL and IDP_CONTROL_TOKEN: `sandbox-idp serve` prints both');
      await use(controlAt(`${address}/control/v1`, token));
    },
    { scope: 'worker' },
  ],

  stand: async ({ whole }, use, info) => {
    const made = told(await whole.POST('/stands', { body: { name: info.title.slice(0, 80), ttl: 'PT1H' } }));
    await use({
      id: made.id,
      portalUrl: made.portal_url,
      idpUrl: made.idp_url,
      control: controlAt(made.control_url, made.token),
    });
    told(await whole.DELETE('/stands/{stand_id}', { params: { path: { stand_id: made.id } } }));
  },

  arm: async ({ stand }, use) => {
    await use(async (entry, how = {}) => {
      told(await stand.control.PUT('/scenarios/{entry}', { params: { path: { entry } }, body: how }));
    });
  },

  inbox: async ({ stand }, use) => {
    await use(new Inbox(stand.control));
  },

  clock: async ({ stand, page }, use) => {
    await page.clock.install();
    await use(new Clock(stand.control, page));
  },
});

export { expect } from '@playwright/test';
