import type { AnyNode, Pattern } from 'acorn';
import { addArgument, addMember, addValue, partsMax, type Scope, type Value } from './scope.ts';

/** Declares the names of a pattern, with the parts of a value where there is one. */
export function declarePattern(pattern: Pattern, value: Value | null, target: Scope): void {
  for (const { name, path, fallbacks } of namesOfPattern(pattern)) {
    const variable = target.variable(name);
    if (value) addValue(variable.values, { ...value, path: [...value.path, ...path] });
    for (const fallback of fallbacks) addValue(variable.values, { ...fallback, scope: target });
  }
}

/** Gives the names of a parameter the value of an argument. Members that are assigned to it are the argument's as well. */
export function bindPattern(pattern: Pattern, value: Value, scope: Scope): void {
  const parameter = pattern.type === 'Identifier' ? scope.variable(pattern.name).members : null;
  const argument = value.node.type === 'Identifier' ? value.scope.lookup(value.node.name) : null;
  if (parameter && argument?.kind === 'variable') {
    const members = (argument.members ??= new Map());
    for (const [key, values] of parameter) for (const member of values) addMember(members, key, member);
  }
  for (const { name, path } of namesOfPattern(pattern)) {
    addArgument(scope.variable(name), { ...value, path: [...value.path, ...path] });
  }
}

/** Says of the names of a pattern that they are made of something. */
export function addParts(pattern: Pattern, part: Value, scope: Scope): void {
  for (const { name } of namesOfPattern(pattern)) {
    const binding = scope.lookup(name);
    if (binding?.kind === 'variable' && binding.parts.length < partsMax) binding.parts.push(part);
  }
}

interface PatternName {
  name: string;
  /** Members that lead from the value of the whole to this name's. */
  path: string[];
  /** Values that it has where none is given. */
  fallbacks: { node: AnyNode; path: string[] }[];
}

export function* namesOfPattern(pattern: Pattern, path: string[] = []): Generator<PatternName> {
  switch (pattern.type) {
    case 'Identifier':
      yield { name: pattern.name, path, fallbacks: [] };
      break;
    case 'ObjectPattern':
      for (const property of pattern.properties) {
        if (property.type === 'RestElement') yield* namesOfPattern(property.argument, path);
        else yield* namesOfPattern(property.value, [...path, keyName(property.key)]);
      }
      break;
    case 'ArrayPattern':
      for (const [index, element] of pattern.elements.entries()) {
        if (element) yield* namesOfPattern(element, [...path, String(index)]);
      }
      break;
    case 'AssignmentPattern':
      for (const found of namesOfPattern(pattern.left, path)) {
        const fallback = { node: pattern.right, path: found.path.slice(path.length) };
        yield { ...found, fallbacks: [...found.fallbacks, fallback] };
      }
      break;
    case 'RestElement':
      yield* namesOfPattern(pattern.argument, ['?']);
  }
}

/** The key of a member that the text itself names. */
export function staticKey({ computed, property }: { computed: boolean; property: AnyNode }): string | null {
  if (computed) return property.type === 'Literal' ? String(property.value) : null;
  return keyName(property);
}

/** The name of a property as its key says. */
export function keyName(key: AnyNode): string {
  // `#x` is another member than `x`, but either says as well what it is.
  if (key.type === 'Identifier' || key.type === 'PrivateIdentifier') return key.name;
  return key.type === 'Literal' ? String(key.value) : '?';
}
