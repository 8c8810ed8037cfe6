/**
 * Names of PyPI that many projects install, the most popular of the first half first; put together by hand. A name in it is
 * never an imitation.
 */
export const popularNames: readonly string[] = `
boto3 urllib3 botocore requests certifi setuptools typing-extensions idna charset-normalizer
packaging python-dateutil s3transfer six aiobotocore grpcio-status pyyaml numpy s3fs
fsspec cryptography pip cffi google-api-core pycparser wheel pandas attrs
click importlib-metadata pydantic jmespath zipp markupsafe jinja2 rsa pytz
protobuf pyasn1 colorama awscli pydantic-core platformdirs pluggy filelock virtualenv
pyjwt cachetools aiohttp tomli googleapis-common-protos docutils google-auth iniconfig pytest
jsonschema rich yarl multidict frozenlist aiosignal pyparsing anyio h11
httpx httpcore sniffio annotated-types decorator psutil lxml sqlalchemy greenlet
tqdm pyasn1-modules wrapt exceptiongroup requests-oauthlib oauthlib beautifulsoup4 soupsieve werkzeug
flask itsdangerous blinker pillow scipy tornado coverage isort black
mypy mypy-extensions pathspec tzdata msgpack websockets gitpython gitdb smmap
bcrypt paramiko pynacl redis pymysql psycopg2-binary psycopg2 fastapi starlette
uvicorn gunicorn httptools uvloop watchfiles python-dotenv pygments markdown-it-py mdurl
proto-plus tabulate tenacity regex nltk joblib scikit-learn threadpoolctl kiwisolver
fonttools contourpy cycler distlib chardet toml docker websocket-client prompt-toolkit
wcwidth ipython traitlets matplotlib-inline pexpect ptyprocess jedi parso asttokens
executing pure-eval stack-data backcall pickleshare pyzmq debugpy ipykernel jupyter-client
jupyter-core nest-asyncio notebook sentry-sdk celery kombu billiard vine amqp
django djangorestframework sqlparse asgiref simplejson ujson orjson nodeenv identify
cfgv pre-commit poetry-core hatchling flit-core meson-python pybind11 cython future
mock tox pyopenssl ruamel-yaml pysocks dnspython email-validator google-cloud-storage azure-core
azure-identity msal boto ansible-core fabric invoke selenium trio outcome
webdriver-manager playwright scapy netifaces pywin32 keyring secretstorage jeepney twine
readme-renderer bandit semgrep pyinstaller nuitka ddtrace newrelic debtcollector oslo-config
zope-interface twisted gevent eventlet pyspark kubernetes apache-airflow-providers-http discord-py python-telegram-bot
pyautogui pynput pyperclip eth-account web3 mnemonic openai anthropic huggingface-hub
transformers tiktoken langchain absl-py accelerate aiofiles alabaster alembic altair
antlr4-python3-runtime apache-airflow apache-beam appdirs argon2-cffi arrow astroid astropy async-timeout
asyncpg audioread autopep8 azure-common azure-storage-blob babel bleach bokeh boltons
bottleneck bottle build catboost cattrs censys cerberus click-plugins clickhouse-connect
cloudpickle cmake colorlog configparser confluent-kafka coloredlogs crcmod croniter cssselect
cvxpy cx-oracle dash dask databricks-sdk dataclasses datadog datasets dateparser
deepdiff defusedxml deprecated dill django-cors-headers django-filter dulwich duckdb elasticsearch
elastic-transport evaluate faker falcon fasteners fastavro fastjsonschema filetype flake8
flask-cors flask-login flask-sqlalchemy flatbuffers folium freezegun fuzzywuzzy gensim geopandas
geopy gcsfs gradio graphene graphql-core graphviz great-expectations grpcio grpcio-tools
h2 h5py hpack html5lib httplib2 hypothesis imageio imbalanced-learn influxdb-client
inflection jaraco-classes jax jaxlib jira jsonpath-ng jsonpointer jsonschema-specifications keras
kafka-python lazy-object-proxy levenshtein lightgbm line-profiler llvmlite locust loguru lz4
mako markdown marshmallow matplotlib mistune mlflow more-itertools motor moto
msal-extensions mysqlclient mysql-connector-python nbconvert nbformat netaddr networkx numba numexpr
nvidia-cublas-cu12 onnx onnxruntime opencv-python opencv-python-headless openpyxl opentelemetry-api opentelemetry-sdk opt-einsum
optuna oscrypto oauth2client papermill passlib patsy peewee pendulum phonenumbers
pika pip-tools pipenv pkginfo plotly poetry polars portalocker prettytable
prometheus-client prophet prefect psycopg py py4j pyarrow pycodestyle pycountry
pycryptodome pycryptodomex pydantic-settings pydot pyee pyflakes pygithub pygame pyhcl
pylint pymongo pyodbc pypdf pypdf2 pyproject-hooks pyqt5 pyqt6 pyright
pyrsistent pyserial pyspnego pystache pytesseract pytest-asyncio pytest-cov pytest-mock pytest-xdist
python-jose python-magic python-multipart python-slugify python-utils pytorch-lightning pywavelets pyxlsb qrcode
ray referencing reportlab requests-file requests-mock requests-toolbelt responses retry retrying
rfc3339-validator rpds-py ruff s3cmd sagemaker safetensors sanic scikit-image scrapy
seaborn semver sentencepiece setproctitle setuptools-scm shap shapely shellingham slack-sdk
snowflake-connector-python snowballstemmer sortedcontainers soundfile spacy sphinx sqlmodel sshtunnel statsmodels
streamlit stripe structlog sympy tables tensorboard tensorflow termcolor textdistance
thrift tifffile timm tinycss2 tldextract tokenizers tomlkit torch torchaudio
torchvision typeguard typer types-requests typing-inspect tzlocal unidecode uritemplate validators
wandb watchdog weasyprint webencodings whitenoise wordcloud wsproto xgboost xlrd
xlsxwriter xmltodict yapf youtube-dl yt-dlp zeep zope-event zstandard
`
  .trim()
  .split(/\s+/);
