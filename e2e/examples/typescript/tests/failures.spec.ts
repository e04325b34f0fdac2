/** Examples for your own repository: failures, seen by the person and survived. */

import type { Page } from '@playwright/test';

import { expect, test, type Stand } from '../sandbox/fixtures.ts';

const ANNA = '+7 (000) 100-00-01';
const PASSWORD = 'Lampa-Zelenaya-27';

/** From the portal's first page to the one where Gosuslugi ask for the code. */
async function enterPassword(page: Page, stand: Stand): Promise<void> {
  await page.goto(stand.portalUrl);
  await page.getByRole('link', { name: 'Войти через Госуслуги' }).first().click();
  await page.getByLabel('Телефон / Email / СНИЛС').fill(ANNA);
  await page.getByLabel('Пароль', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Войти', exact: true }).click();
}

/** From the code to the return to the portal. */
async function confirm(page: Page, code: string): Promise<void> {
  await page.getByLabel('Код из 6 цифр').fill(code);
  await page.getByRole('button', { name: 'Подтвердить' }).click();
  await page.getByRole('button', { name: 'Предоставить' }).click();
}

test('a broken token is told, and the second try succeeds', async ({ page, stand, arm, inbox }) => {
  await arm('token-500', { scope: 'next-sign-in', count: 1 });

  await enterPassword(page, stand);
  await confirm(page, await inbox.code());

  await expect(page.getByRole('heading', { name: 'Произошла ошибка..' })).toBeVisible();
  await expect(page.getByText('Госуслуги ответили ошибкой.')).toBeVisible();

  // The failure is used up. The session at Gosuslugi lives, so nobody types the password again.
  await page.getByRole('link', { name: 'Перезапустить' }).click();
  await page.getByRole('button', { name: 'Продолжить' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Загружаем ваши данные');
});

test('a lost SMS is waited for, and a new one arrives', async ({ page, stand, arm, inbox, clock }) => {
  await arm('sms-lost', { scope: 'next-sign-in' });

  await enterPassword(page, stand);
  await expect(page.getByRole('heading', { name: 'Введите код из СМС' })).toBeVisible();
  await expect(page.getByText('Получить новый код можно через')).toBeVisible();
  expect(await inbox.isEmpty()).toBe(true);

  // Nobody waits for the minute: the countdown on the page and the limit behind it pass together.
  await clock.advance(62);
  await page.getByRole('button', { name: 'Получить новый код' }).click();
  await confirm(page, await inbox.code());
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Загружаем ваши данные');
});
