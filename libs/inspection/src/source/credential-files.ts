import { QuickPattern } from './quick-pattern.ts';

/** Files in which tools keep credentials. Each pattern is linear: no nested repetition. */
export const credentialFiles = [
  /(?:^|[\\/'"`~ ])\.(?:npmrc|pypirc|netrc|git-credentials|pgpass|vault-token|s3cfg|boto|my\.cnf)\b/,
  /\.aws[\\/]+(?:credentials|config|sso)|\.ssh[\\/]+|(?:^|[\\/~…])\.ssh\b|\bid_(?:rsa|ed25519|ecdsa)\b|\.kube[\\/]+config|\.docker[\\/]+config\.json|\.config[\\/]+gcloud|application_default_credentials|\.azure[\\/]+|\.gnupg\b|\.config[\\/]+gh[\\/]+hosts|\.terraform\.d[\\/]+credentials|\.(?:cargo|gem)[\\/]+credentials|\.composer[\\/]+auth\.json|\.m2[\\/]+settings\.xml|\.password-store\b|\.(?:bash|zsh|node_repl|psql|mysql)_history\b|[\\/]etc[\\/](?:shadow|passwd)\b|[\\/]proc[\\/](?:self|\d+)[\\/]environ\b/,
  /\.claude[\\/]+\.?credentials|\.claude\.json\b|\.codex[\\/]+auth|\.gemini[\\/]+(?:oauth_creds|google_accounts|settings)|github-copilot[\\/]+(?:hosts|apps)|\.(?:huggingface|cache[\\/]+huggingface)[\\/]+token|\.(?:continue|codeium|windsurf|cursor|aider|openai|anthropic)[\\/]+[\w.\\/-]{0,40}(?:config|auth|token|cred|key|state\.vscdb)|\.aider\.conf|\.ollama[\\/]+id_|\.amazonq\b|\.config[\\/]+(?:openai|anthropic|goose|claude)\b|globalStorage[\\/]+state\.vscdb|claude_desktop_config\.json/,
  /User Data[\\/]+(?:Default|Local State|Profile)|[\\/]Login Data\b|[\\/](?:Network[\\/]+)?Cookies$|cookies\.sqlite|Local Extension Settings|Local Storage[\\/]+leveldb|logins\.json|key[34]\.db|[\\/]\.?(?:Exodus|exodus\.wallet|Electrum|Atomic|Coinomi|Guarda|Ledger Live)[\\/]|\.config[\\/]+solana|\.electrum\b|\bwallet\.dat\b|nkbihfbeogaeaoehlefnkodbefgpgknn|login\.keychain|\bkeychain-db\b|Telegram Desktop[\\/]+tdata|discord(?:canary|ptb)?[\\/]+Local Storage|\.kdbx\b|BraveSoftware[\\/]+|\bgh auth token\b|git credential(?:-\w+)? (?:fill|get)|aws configure (?:get|export)|gcloud auth print-|az account get-access-token|npm config get\b[^\n]{0,80}_auth|npm token list|kubectl config view\b[^\n]{0,40}--raw|security (?:find-(?:generic|internet)-password|dump-keychain)|\bcmdkey \/list/,
];
const quickPatterns = credentialFiles.map((pattern) => new QuickPattern(pattern));
/** Reading it is common, sending it off is not. */
export const settingsFile = /(?:^|[\\/…])\.env(?:\.(?:local|production|development|prod|dev|staging))?$/;

/** The part of a text that names a file in which credentials are kept. */
export function credentialPath(text: string): string | null {
  for (const pattern of quickPatterns) {
    const match = pattern.exec(text);
    if (match) return match[0];
  }
  return null;
}
