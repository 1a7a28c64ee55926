import { readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, parseAllDocuments } from 'yaml';

/** One object of Kubernetes as it stands in a file. */
export interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Readonly<Record<string, string>> };
}

/** The part of a kustomization that is used here; any other key is refused, so that none is passed over. */
interface Kustomization {
  readonly resources: readonly string[];
  readonly namespace?: string;
  readonly images?: readonly { readonly name: string; readonly newName: string; readonly newTag: string }[];
  readonly generatorOptions?: { readonly disableNameSuffixHash: true };
  readonly configMapGenerator?: readonly { readonly name: string; readonly files: readonly string[] }[];
  readonly patches?: readonly { readonly target: { readonly kind: string; readonly name: string }; readonly patch: string }[];
}

type Operation = { readonly op: 'test' | 'add' | 'remove'; readonly path: string; readonly value?: unknown };
// biome-ignore lint/suspicious/noExplicitAny: a tree that is changed in place, by paths that stand in a file
type Tree = any;

const FOLDER = fileURLToPath(new URL('../../deploy/kubernetes', import.meta.url));
const KNOWN = ['apiVersion', 'kind', 'namespace', 'resources', 'images', 'generatorOptions', 'configMapGenerator', 'patches'];

/** What `kubectl kustomize` makes of a folder of deploy/kubernetes/, as far as kustomize is used there. Throws where it would. */
export function kustomized(folder: string): readonly Resource[] {
  return built(join(FOLDER, folder));
}

function built(folder: string): readonly Resource[] {
  const given: Kustomization = parse(readFileSync(join(folder, 'kustomization.yaml'), 'utf8'));
  const strange = Object.keys(given).filter((key) => !KNOWN.includes(key));
  if (strange.length > 0) throw new Error(`${folder}: ${strange.join(', ')} is not understood here`);
  const resources: Tree[] = [...given.resources.flatMap((path) => resourcesAt(join(folder, path))), ...configMaps(folder, given)];
  for (const { target, patch } of given.patches ?? []) {
    const hit = resources.filter(({ kind, metadata }) => kind === target.kind && metadata.name === target.name);
    if (hit.length !== 1) throw new Error(`${folder}: a patch for ${target.kind}/${target.name} hits ${hit.length}`);
    for (const operation of parse(patch)) carryOut(hit[0], operation);
  }
  for (const image of given.images ?? []) setImage(resources, image);
  for (const { kind, metadata } of resources) if (given.namespace && kind !== 'Namespace') metadata.namespace = given.namespace;
  return resources;
}

function resourcesAt(path: string): readonly Resource[] {
  if (statSync(path).isDirectory()) return built(path);
  return parseAllDocuments(readFileSync(path, 'utf8')).map((document): Resource => document.toJS());
}

function configMaps(folder: string, { configMapGenerator = [], generatorOptions }: Kustomization): readonly Resource[] {
  if (configMapGenerator.length > 0 && generatorOptions?.disableNameSuffixHash !== true) throw new Error(`${folder}: a name with a hash`);
  return configMapGenerator.map(({ name, files }) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name },
    data: Object.fromEntries(files.map((file) => [basename(file), readFileSync(join(folder, file), 'utf8')])),
  }));
}

/** One operation of JSON Patch (RFC 6902). */
function carryOut(resource: Tree, { op, path, value }: Operation): void {
  const keys = path.split('/').slice(1);
  const last = keys.pop() ?? '';
  const parent = keys.reduce((tree, key) => tree?.[key], resource);
  if (parent === undefined || (op !== 'add' && parent[last] === undefined)) throw new Error(`nothing at ${path}`);
  if (op === 'test' && parent[last] !== value) throw new Error(`${path} is not ${String(value)}`);
  if (op === 'add') parent[last] = value;
  if (op === 'remove') delete parent[last];
}

function setImage(resources: readonly Tree[], { name, newName, newTag }: NonNullable<Kustomization['images']>[number]): void {
  const containers: Tree[] = resources.flatMap(({ spec }) => spec?.template?.spec?.containers ?? []);
  const hit = containers.filter(({ image }) => image.split(':')[0] === name);
  if (hit.length === 0) throw new Error(`no container has the image ${name}`);
  for (const container of hit) container.image = `${newName}:${newTag}`;
}
