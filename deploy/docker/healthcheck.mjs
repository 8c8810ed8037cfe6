// Whether the service in this container is ready, as the exit code. The image has no curl.
const port = process.env.HEALTH_PORT;
const response = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(4000) }).catch(
  () => null,
);
process.exit(response?.ok ? 0 : 1);
