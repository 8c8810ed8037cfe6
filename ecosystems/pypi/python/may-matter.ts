/**
 * Words without which no rule over Python can fire. A file without any of them is not parsed: parsing costs a second for three
 * megabytes. A rule or a meaning that needs another word adds it here.
 */
const words =
  /\b(?:exec|eval|runpy|FunctionType)\b|\b__import__\b|__builtins__|\bsubprocess\b|\bos\s*\.\s*(?:system|popen|startfile|spawn|exec|posix_spawn|dup2)|\bfrom\s+os\s+import\b|\bpty\b|create_subprocess|\bimport_module\b|\bgetattr\s*\(|\b(?:urllib\w*|requests|httpx|aiohttp|httplib|smtplib|ftplib|websocket|dhooks|discord\w*|telebot|wget|pycurl|paramiko)\b|\bhttp\s*\.\s*client\b|\bsocket\b|\bwinreg\b|\brmtree\b|site-packages|\.bashrc|\.ssh\b|autostart|crontab|LaunchAgents|\bStartup\b/;

export function mayMatter(text: string): boolean {
  return words.test(text);
}
