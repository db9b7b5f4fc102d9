import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type ConfigInput, loadConfig } from '../src/config.ts';
import { WinnowError } from '../src/errors.ts';

function configFile(content: string, name = 'winnow.yaml'): string {
  const directory = mkdtempSync(join(tmpdir(), 'winnow-config-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  writeFileSync(join(directory, name), content);
  return join(directory, name);
}

function load(input: Partial<ConfigInput>) {
  return loadConfig({ environment: {}, flags: {}, ...input });
}

function problemsOf(input: Partial<ConfigInput>): string {
  try {
    load(input);
  } catch (error) {
    expect(error).toBeInstanceOf(WinnowError);
    expect((error as WinnowError).hint).toBeDefined();
    return (error as WinnowError).message;
  }
  throw new Error('the configuration was accepted');
}

test('without anything, defaults stand: loopback, redaction on, ten false findings a day', () => {
  const config = load({});
  expect(config.http).toEqual({ host: '127.0.0.1', port: 9464 });
  expect(config.redaction.enabled).toBe(true);
  expect(config.detection.falseAlarmBudgetPerDay).toBe(10);
  expect(Object.isFrozen(config.store)).toBe(true);
});

test('flags win over the environment, the environment over the file, the file over defaults', () => {
  const file = configFile('name: from-file\ntenant: from-file\nhttp: { port: 1 }\n');
  const environment = { WINNOW_TENANT: 'from-environment', WINNOW_HTTP_PORT: '2', WINNOW_LOG_LEVEL: '' };
  const config = load({ file, environment, flags: { 'http-port': '3' } });
  expect(config.name).toBe('from-file');
  expect(config.tenant).toBe('from-environment');
  expect(config.http.port).toBe(3);
  expect(config.log.level).toBe('info');
});

test('a broker alone is enough for a kafka source, and settings reach the one in the file', () => {
  const [source] = load({ flags: { brokers: 'a:1, b:2' } }).sources;
  expect(source).toMatchObject({ type: 'kafka', brokers: ['a:1', 'b:2'], group: 'winnow', start: 'latest' });
  const file = configFile('sources: [{ type: kafka, brokers: [a:1], group: mine }]');
  expect(load({ file, environment: { WINNOW_KAFKA_TOPICS: 'x,y' } }).sources).toMatchObject([
    { brokers: ['a:1'], group: 'mine', topics: ['x', 'y'] },
  ]);
});

test('what Kubernetes sets beside a Service named winnow is no setting, and no mistake', () => {
  const names = ['SERVICE_HOST', 'SERVICE_PORT', 'SERVICE_PORT_METRICS', 'PORT', 'PORT_9464_TCP'];
  for (const end of ['ADDR', 'PORT', 'PROTO']) names.push(`PORT_9464_TCP_${end}`);
  const environment = Object.fromEntries(names.map((name) => [`WINNOW_${name}`, 'tcp://10.0.0.1:9464']));
  expect(load({ environment })).toEqual(load({}));
  for (const name of ['WINNOW_SERVICE_HOSTS', 'WINNOW_PORTS', 'WINNOW_SERVICE'])
    expect(problemsOf({ environment: { [name]: 'x' } })).toContain(name);
});

describe('problems', () => {
  test('all of them are in one report, unknown keys and environment names among them', () => {
    const file = configFile(
      'nmae: x\nhttp: { port: high }\nsources: [{ type: kafka, brokers: [] }, { type: ftp }]\n',
    );
    const message = problemsOf({ file, environment: { WINNOW_STROE: 'x' }, flags: { budget: 'lots' } });
    for (const part of [
      'nmae',
      'http.port',
      'sources.0.brokers',
      'sources.1',
      'WINNOW_STROE',
      'falseAlarmBudgetPerDay',
    ]) {
      expect(message).toContain(part);
    }
  });

  test.each([
    ['sources: [{ type: files, paths: [a] }, { type: files, paths: [b] }]', 'two sources are named files'],
    ['sources: [{ type: kafka, brokers: [a:1], topics: [a], topicPattern: b }]', 'not both'],
    ["sources: [{ type: kafka, brokers: [a:1], topicPattern: '(' }]", 'not a valid regular expression'],
    [
      'sources: [{ type: kafka, brokers: [a:1], sasl: { mechanism: plain, username: u, password: p } }]',
      'password',
    ],
    ['sources: [{ type: stdin, encoding: otlp_proto }]', 'sources.0.encoding'],
    ['- a list', 'not a mapping'],
    ['a: [', 'parse configuration file'],
  ])('%s', (content, part) => {
    let message = '';
    try {
      load({ file: configFile(content) });
    } catch (error) {
      message = (error as WinnowError).message;
    }
    expect(message).toContain(part);
  });

  test('a missing file is named', () => {
    expect(problemsOf({ file: '/nowhere/winnow.yaml' })).toBe(
      'read configuration file /nowhere/winnow.yaml: no such file or directory',
    );
  });
});
