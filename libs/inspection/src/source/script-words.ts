import type { SignalKind } from './signal.ts';

/** Python, Perl, Ruby and PHP: the modules and functions that give a program its capabilities. */
export const scriptWords: [RegExp, SignalKind][] = [
  [
    /\burllib[23]?\b|\burlopen\(|\brequests\.(?:get|post|put|request|Session)\b|\bhttp\.client\b|\bhttpx\.|\baiohttp\b|\b(?:ftp|smtp)lib\b|\bsocket\.(?:socket|create_connection)\(|\bIO::Socket\b|\bLWP::|\bHTTP::Tiny\b|\bNet::HTTP\b|\bopen-uri\b|\bURI\.open\b|\bTCPSocket\b|\bfsockopen\(|\bcurl_(?:init|exec)\(|\bfile_get_contents\(\s*["']https?:/,
    'network',
  ],
  [
    /\bsubprocess\.(?:run|call|check_call|check_output|Popen)\b|\bos\.(?:system|popen|exec[lv]\w*|spawn\w*|startfile)\(|\bpty\.spawn\(|\b(?:shell_exec|passthru|proc_open)\(|\bOpen3\.|(?:^|[;{\s])system\s*[("']/m,
    'spawn',
  ],
  [
    /(?:^|[^\w.])(?:exec|eval|compile)\s*\(|\b__import__\(|\binstance_eval\b|\bmarshal\.loads\(/m,
    'dynamic-code',
  ],
  [
    /\bos\.environ\b(?!\s*(?:\[|\.(?:get|setdefault|copy)\b))|\bENV\.(?:to_h|each|map|inspect)\b|\$_ENV\b(?!\[)|\bgetenv\(\s*\)/,
    'env-sweep',
  ],
  [
    /\bplatform\.(?:node|uname)\(|\bgethostname\b|\bgetpass\.getuser\(|\bos\.(?:getlogin|uname)\(|\bEtc\.getlogin\b|\bphp_uname\(/,
    'host-info',
  ],
  [/\bopen\([^)\n]{0,120},\s*["'][wax]b?\+?["']|\bFile\.write\(|\bfile_put_contents\(/, 'write-file'],
  [/\bexpanduser\(|\bPath\.home\(|\bDir\.home\b/, 'home-folder'],
];
