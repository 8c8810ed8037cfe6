/** Names of calls by their meaning, as `Resolver.name` gives them. A method of a result has the call in front: `requests.get().json`. */

/** Asks a server for something, or sends to one. */
const clients =
  /^(?:requests\.(?:get|post|put|patch|delete|head|request)|requests\.(?:[Ss]ession\(\)|sessions\.Session\(\))\.(?:get|post|put|patch|delete|request)|urllib\.request\.(?:urlopen|urlretrieve)|urllib\.request\.(?:build_opener\(\)|OpenerDirector\(\))\.open|urllib2\.urlopen|urllib\.(?:urlopen|urlretrieve)|http\.client\.HTTPS?Connection\(\)\.(?:request|getresponse)|httplib\.HTTPS?Connection\(\)\.request|urllib3\.(?:request|PoolManager\(\)\.(?:request|urlopen)|HTTPS?ConnectionPool\(\)\.request)|httpx\.(?:get|post|put|patch|request|stream)|httpx\.(?:Async)?Client\(\)\.(?:get|post|put|patch|request|stream)|aiohttp\.(?:ClientSession\(\)\.(?:get|post|put|patch|request)|request)|wget\.download|pycurl\.Curl\(\)\.perform|ftplib\.FTP\(\)\.(?:storbinary|retrbinary)|smtplib\.SMTP(?:_SSL)?\(\)\.(?:sendmail|send_message)|discord\w*\.(?:Sync)?Webhook(?:\.from_url\(\)|\(\))\.\w+|dhooks\.Webhook\(\)\.\w+|telebot\.TeleBot\(\)\.send_\w+|socket\.(?:socket|create_connection)\(\)\.(?:send|sendall|sendto|connect)|websocket\.(?:create_connection|WebSocketApp)|paramiko\.SSHClient\(\)\.connect)$/;

/** Fetches something whose content is the result, or a part of it. */
const fetching =
  /^(?:requests\.|urllib|urllib2\.|http\.client|httplib\.|urllib3\.|httpx\.|aiohttp\.|wget\.|socket\.(?:socket|create_connection)\(\)\.recv)/;

export function isNetworkCall(name: string): boolean {
  return clients.test(name);
}

export function isFetched(name: string): boolean {
  return (
    (fetching.test(name) && clients.test(name)) ||
    /^socket\.(?:socket|create_connection)\(\)\.recv\w*$/.test(name)
  );
}

const programs =
  /^(?:os\.(?:system|popen\d?|startfile|spawn\w+|exec[lv]\w*|posix_spawnp?)|subprocess\.(?:run|call|check_call|check_output|Popen|getoutput|getstatusoutput)|commands\.getoutput|pty\.spawn|asyncio\.(?:create_subprocess_(?:shell|exec))|sh\.\w+|popen2\.\w+|distutils\.spawn\.spawn)$/;

/** Starts a program. */
export function isProgramCall(name: string): boolean {
  return programs.test(name);
}

/** Runs text, or code, that it is given. */
export function isCodeCall(name: string): boolean {
  return /^(?:builtins\.)?(?:exec|eval)$|^runpy\.run_\w+$|^code\.InteractiveInterpreter\(\)\.run\w+$|^types\.FunctionType$|^importlib\.util\.module_from_spec$/.test(
    name,
  );
}

/** Tells who and where the machine is. */
export function isHostCall(name: string): boolean {
  return /^(?:socket\.(?:gethostname|getfqdn|gethostbyname)|platform\.(?:node|uname)|getpass\.getuser|os\.(?:getlogin|uname|getcwd)|uuid\.getnode|psutil\.\w*(?:users|net_if_addrs))$/.test(
    name,
  );
}

/** Reads a file as a whole or in part; the path is its first argument or its object. */
export function isReadCall(name: string): boolean {
  return /^(?:builtins\.|io\.|codecs\.)?open$|^(?:pathlib\.)?Path\(\)\.(?:open|read_text|read_bytes)$|^shutil\.(?:copy\w*|make_archive)$|^sqlite3\.connect$/.test(
    name,
  );
}
