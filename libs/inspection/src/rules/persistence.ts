import { changedPaths } from '../source/changed-paths.ts';
import type { FileRule, Hit } from './rule.ts';

/** Places from which something is started again later, and what they are. */
const places: [RegExp, string][] = [
  [
    /(?:^|[\\/…~])\.(?:bashrc|bash_profile|bash_login|bash_aliases|profile|zshrc|zprofile|zshenv|zlogin|kshrc|xprofile|xinitrc)$|\.config[\\/]+fish[\\/]|[\\/]etc[\\/](?:profile|bash\.bashrc|zsh)|Microsoft\.PowerShell_profile\.ps1/,
    'a shell profile',
  ],
  [/[\\/]etc[\\/]cron|[\\/]var[\\/]spool[\\/]cron/, 'the timetable of cron'],
  [
    /systemd[\\/]+(?:user|system)[\\/]|\.config[\\/]+autostart|[\\/]etc[\\/](?:init\.d|rc\.local)|\.service$/,
    'a service of the system',
  ],
  [/Library[\\/]+Launch(?:Agents|Daemons)/, 'a launch agent'],
  [/Start Menu[\\/]+Programs[\\/]+Startup/, 'the startup folder'],
  [/\.git[\\/]+hooks[\\/]|\.config[\\/]+git[\\/]|(?:^|[\\/…~])\.gitconfig$/, 'git hooks'],
  [
    /\.claude[\\/]+(?:settings(?:\.local)?\.json|CLAUDE\.md|hooks|commands|agents|skills)|\.claude\.json$|\.codex[\\/]+(?:config\.toml|hooks|AGENTS\.md)|\.gemini[\\/]+(?:settings\.json|GEMINI\.md|extensions)|\.cursor[\\/]+(?:hooks|mcp|rules)|\.codeium[\\/]+windsurf|claude_desktop_config\.json|\.config[\\/]+(?:opencode|goose)[\\/]|\.copilot[\\/]|\.continue[\\/]+config|\.windsurf[\\/]|\.kiro[\\/]/,
    'the settings of a coding agent',
  ],
  [/\.ssh[\\/]+(?:authorized_keys|rc|config)/, 'the keys that may log in'],
  [/[\\/]etc[\\/](?:sudoers|passwd|hosts|ld\.so\.preload)/, 'the settings of the system'],
  [/(?:[…~]|homedir\(\)|HOME\}?)[\\/]+\.(?:npmrc|yarnrc)$/, "the package manager's settings"],
  [
    /\.vscode(?:-server)?[\\/]+extensions[\\/]|Code[\\/]+User[\\/]+(?:settings|tasks)\.json/,
    "the editor's settings",
  ],
  [/\.github[\\/]+workflows[\\/]/, 'a workflow of the repository'],
];
const command =
  /\bcrontab\b(?!\s+-l\s*$)|\bschtasks(?:\.exe)?\s+\/create|\breg(?:\.exe)?\s+add\b[^\n]{0,120}\\Run|CurrentVersion\\+Run\b|\bsystemctl\s+(?:--user\s+)?enable\b|\blaunchctl\s+(?:load|bootstrap)|>>?\s*["']?(?:~|\$HOME|…|\/root|\/home\/\w+)?\/?\.(?:bashrc|bash_profile|zshrc|profile|zprofile|ssh\/authorized_keys)\b|git\s+config\s+--(?:global|system)\s+core\.hooksPath|\bnew-itemproperty\b[^\n]{0,120}\\Run\b/i;

/** What a path is from which something is started again later; null for any other. */
export function persistentPlace(path: string): string | null {
  return places.find(([pattern]) => pattern.test(path))?.[1] ?? null;
}

/** Whether a command has something started again later. */
export function isPersistentCommand(text: string): boolean {
  return command.test(text);
}

export const persistence: FileRule = {
  id: 'malware.persistence',
  title: 'Has itself started again later',
  severity: 'high',
  tier: 'review',
  tierAtInstall: 'block',
  why: 'Profiles, timetables, services, git hooks and the settings of coding agents start programs long after the package is gone. A tool that changes them says so and asks first. Look at what is written there.',
  needs: [['changes', 'places'], ['changes', 'decoders'], ['programs']],
  *check(file): Iterable<Hit> {
    for (const { start, path } of changedPaths(file.facts)) {
      const place = persistentPlace(path);
      if (!place) continue;
      yield { start, title: `Changes ${place}: ${path.slice(-60)}` };
      return;
    }
    const run = file.all('spawn').find(({ detail }) => isPersistentCommand(detail));
    if (run) yield { start: run.start, title: 'Has itself started again later, by a command' };
    else if (file.language === 'shell') {
      // Comments and messages tell people what to do.
      const found = new RegExp(
        `^(?![ \\t]*(?:#|rem\\b|echo\\b(?![^\\n]*>>)))[^\\n#]{0,300}?(?:${command.source})`,
        'im',
      ).exec(file.text);
      if (found) yield { start: found.index };
    }
  },
};
