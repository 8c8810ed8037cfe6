/** Lockfiles: the interface of a format, and the parts that all of them share. Pure; input is hostile and bounded. */
export {
  chooseFiles,
  shadowOf,
  skippedFolder,
  type FileChoice,
  type Ignored,
  type IgnoredCode,
} from './choose-files.ts';
export type {
  AddressedEntry,
  ArchiveAddresses,
  FileBeside,
  FileKind,
  FileMark,
  FormatOptions,
  Intake,
  LockfileFormat,
  OtherFile,
  ProjectMarks,
  RegistriesOf,
  SubmittedFile,
} from './format.ts';
export type { Fix, Fixer, FixPlan } from './fixer.ts';
export { ItemCollector, type ItemSource, type Note, type Place, type SourceCode } from './item-collector.ts';
export { isObject, jsonOf, listOf, objectOf, textAt, type Json } from './json.ts';
export { formatIds, formatOf, isDocument, parseSubmission, type IntakeOptions } from './parse-submission.ts';
export { parseSafeJson } from './safe-json.ts';
export { readPin } from './read-pin.ts';
export { shown } from './shown.ts';
export { parseSafeYaml, textOf } from './safe-yaml.ts';
