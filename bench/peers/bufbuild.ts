// @bufbuild/protobuf, fetched when the bench first wants it: winnow itself has no use for it.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import descriptor from 'protobufjs/ext/descriptor.js';
import { requestType } from '../../test/oracle/otlp-logs.ts';

const HOME = join(import.meta.dirname, '../../.cache/bench/bufbuild');
/** The version that the figures in docs/performance.md were measured with. */
const REQUIREMENT = '@bufbuild/protobuf@2.17.0';
const INSTALL_MS_MAX = 120_000;

/** A request as it decodes one: camel-case names, strings and byte arrays made. */
export interface BufbuildRequest {
  readonly resourceLogs: readonly {
    readonly scopeLogs: readonly {
      readonly logRecords: readonly { readonly body?: { readonly value: { readonly value?: unknown } } }[];
    }[];
  }[];
}

/** The parts of the package that are used here. */
interface Bufbuild {
  fromBinary(schema: unknown, bytes: Uint8Array): unknown;
  createFileRegistry(set: unknown): { getMessage(name: string): unknown };
}

/** Null, or why the package cannot be had. */
export function installBufbuild(): string | null {
  if (existsSync(join(HOME, 'node_modules/@bufbuild/protobuf'))) return null;
  mkdirSync(HOME, { recursive: true });
  writeFileSync(join(HOME, 'package.json'), '{"private":true}\n');
  const args = ['install', '--no-audit', '--no-fund', '--ignore-scripts', REQUIREMENT];
  const { status, stderr } = spawnSync('npm', args, { cwd: HOME, encoding: 'utf8', timeout: INSTALL_MS_MAX });
  return status === 0 ? null : `npm install ${REQUIREMENT}: ${stderr?.trim().slice(-200)}`;
}

/** A decoder of requests, made from the same .proto file as the one of protobufjs. */
export async function bufbuildDecoder(): Promise<(bytes: Uint8Array) => BufbuildRequest> {
  const dist = join(HOME, 'node_modules/@bufbuild/protobuf/dist/esm');
  const bufbuild = (await import(pathToFileURL(join(dist, 'index.js')).href)) as Bufbuild;
  const wkt = (await import(pathToFileURL(join(dist, 'wkt/index.js')).href)) as {
    FileDescriptorSetSchema: unknown;
  };
  const root = requestType.root as unknown as { toDescriptor(syntax: string): unknown };
  const set = root.toDescriptor('proto3') as protobufMessage;
  const bytes = descriptor.FileDescriptorSet.encode(set).finish();
  const registry = bufbuild.createFileRegistry(bufbuild.fromBinary(wkt.FileDescriptorSetSchema, bytes));
  const schema = registry.getMessage('ExportLogsServiceRequest');
  if (schema === undefined) throw new Error('no ExportLogsServiceRequest among the descriptors');
  return (request) => bufbuild.fromBinary(schema, request) as BufbuildRequest;
}

type protobufMessage = Parameters<typeof descriptor.FileDescriptorSet.encode>[0];
