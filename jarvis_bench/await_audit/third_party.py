"""Coroutines of much used libraries, for trees that are audited without their packages installed.

Facts from the documentation of each library. A class is written as its name, then its coroutine methods, then
after a bar its sync methods with the class they give (`name>Class`) and its attributes (`name:Class`).
"""

from __future__ import annotations

VERBS = "request get post put patch delete head options"
AIOHTTP_METHODS = " ".join(f"{verb}>&ClientResponse" for verb in VERBS.split())
HTTPX_METHODS = f"{VERBS} send"
SQL = (
    "execute scalar scalars stream stream_scalars commit rollback flush refresh close run_sync connection"
    " merge delete"
)

PATHS = (
    "Path absolute chmod exists expanduser group hardlink_to is_block_device is_char_device is_dir is_fifo is_file"
    " is_mount is_socket is_symlink lchmod lstat mkdir open owner read_bytes read_text rename replace rmdir"
    " samefile stat symlink_to touch unlink write_bytes write_text readlink>!Path resolve>!Path cwd>!Path home>!Path"
    " | glob> rglob> iterdir> joinpath>Path parent:Path"
)

TABLE: dict[str, tuple[str, ...]] = {
    "anyio": (
        PATHS,
        "Event wait | set> is_set>",
        "Lock acquire | acquire_nowait> release> locked>",
        "Semaphore acquire | acquire_nowait> release>",
        "Condition acquire wait | acquire_nowait> release> notify> notify_all>",
        "def open_file run_process open_process sleep sleep_forever sleep_until connect_tcp create_tcp_listener | create_task_group> move_on_after> fail_after> current_time>",  # noqa: E501
    ),
    "anyio.to_thread": ("def run_sync |",),
    "anyio.to_process": ("def run_sync |",),
    "trio": (
        PATHS,
        "Event wait | set> is_set>",
        "Lock acquire | acquire_nowait> release> locked>",
        "def open_file run_process sleep sleep_forever sleep_until open_tcp_stream serve_tcp | open_nursery> move_on_after> fail_after> current_time>",  # noqa: E501
    ),
    "trio.to_thread": ("def run_sync |",),
    "aiohttp": (
        f"ClientSession close | {AIOHTTP_METHODS} ws_connect>&ClientWebSocketResponse __aenter__>~ClientSession",
        "ClientResponse read text json wait_for_close | release> close> raise_for_status> content:StreamReader",
        "ClientWebSocketResponse close send_str send_bytes send_json ping pong receive receive_str receive_json receive_bytes",  # noqa: E501
        "StreamReader read readany readexactly readline readchunk | iter_chunked>",
    ),
    "httpx": (
        f"AsyncClient {HTTPX_METHODS} aclose | stream> __aenter__>~AsyncClient",
        "AsyncHTTPTransport aclose handle_async_request",
    ),
    "asyncpg": (
        "Connection execute executemany fetch fetchrow fetchval prepare close reset copy_from_query add_listener remove_listener set_type_codec | transaction> cursor> is_closed>",  # noqa: E501
        "Pool execute executemany fetch fetchrow fetchval close release expire_connections | acquire>&Connection terminate> get_size> __aenter__>~Pool",  # noqa: E501
        "def connect>!Connection create_pool>&Pool",
    ),
    "asyncpg.pool": ("from asyncpg import Pool",),
    "redis.asyncio": (
        "Redis get set setex setnx delete exists expire incr decr incrby hget hset hgetall hdel hmget hexists lpush rpush lpop rpop lrange llen ltrim sadd srem smembers sismember scard zadd zrange zrem zscore publish ping keys mget mset ttl flushdb flushall xadd xread xack scan close aclose execute_command getdel persist type info | pipeline>Pipeline pubsub>PubSub lock> register_script> scan_iter> __aenter__>~Redis",  # noqa: E501
        "StrictRedis(Redis) initialize",
        "Pipeline execute reset watch unwatch | multi>",
        "PubSub subscribe unsubscribe psubscribe punsubscribe get_message close aclose | listen>",
        "def | from_url>Redis",
    ),
    "sqlalchemy.ext.asyncio": (
        f"AsyncSession {SQL} get get_one | add> add_all> expunge> begin> begin_nested> __aenter__>~AsyncSession",
        "AsyncConnection execute scalar scalars stream commit rollback close run_sync | begin> __aenter__>~AsyncConnection",  # noqa: E501
        "AsyncEngine dispose | connect>&AsyncConnection begin>+AsyncConnection",
        "AsyncResult all first one one_or_none scalar_one fetchall fetchone",
        "def | create_async_engine>AsyncEngine",
    ),
    "aiofiles": (
        "def open>&AsyncFile",
        "AsyncFile read write readline readlines seek tell flush close truncate writelines",
    ),
    "aiosqlite": (
        "Connection close commit rollback execute_insert execute_fetchall create_function backup | execute>&Cursor executemany>&Cursor cursor>&Cursor __aenter__>~Connection",  # noqa: E501
        "Cursor fetchone fetchall fetchmany close execute executemany",
        "def connect>&Connection",
    ),
    "websockets": (
        "WebSocketClientProtocol send recv close ping pong wait_closed",
        "WebSocketServerProtocol send recv close ping pong wait_closed",
        "def connect>&WebSocketClientProtocol",
    ),
    "starlette.requests": (
        "Request json body is_disconnected close send_push_promise | form>&FormData stream> url_for>",
    ),
    "starlette.websockets": (
        "WebSocket accept close send_text send_bytes send_json receive receive_text receive_bytes receive_json | iter_text> iter_json> iter_bytes>",  # noqa: E501
    ),
    "starlette.datastructures": ("UploadFile read write seek close",),
    "fastapi": (
        "from starlette.requests import Request",
        "from starlette.websockets import WebSocket",
        "from starlette.datastructures import UploadFile",
    ),
    "discord": (
        "Message delete edit reply add_reaction remove_reaction clear_reactions pin unpin publish create_thread | channel:TextChannel author:Member guild:Guild",  # noqa: E501
        "TextChannel send purge delete edit set_permissions fetch_message create_invite create_webhook clone trigger_typing create_thread delete_messages | typing> history> permissions_for> get_partial_message>",  # noqa: E501
        "DMChannel(TextChannel) close",
        "Thread(TextChannel) join leave add_user remove_user",
        "VoiceChannel connect delete edit set_permissions",
        "VoiceClient disconnect move_to | play> stop> pause> resume> is_playing> is_connected>",
        "User send create_dm fetch_message | history>",
        "Member(User) ban kick unban add_roles remove_roles edit move_to timeout",
        "Role delete edit",
        "Guild ban unban kick edit leave create_role create_text_channel create_voice_channel create_category fetch_member fetch_channel prune_members chunk | get_member>Member get_channel>TextChannel get_role>Role",  # noqa: E501
        "InteractionResponse send_message defer edit_message send_modal pong autocomplete | is_done>",
        "Webhook send edit_message delete_message delete edit fetch_message",
        "Interaction edit_original_response delete_original_response original_response | response:InteractionResponse followup:Webhook user:Member guild:Guild message:Message channel:TextChannel",  # noqa: E501
        "Client start close login connect wait_until_ready fetch_user fetch_channel fetch_guild change_presence application_info | run> get_channel>TextChannel get_user>User get_guild>Guild is_ready> user:User",  # noqa: E501
    ),
    "discord.ext.commands": (
        "from discord import Message, TextChannel, Guild, Member, Client, VoiceClient",
        "Context send reply invoke reinvoke send_help defer fetch_message trigger_typing | typing> message:Message channel:TextChannel author:Member guild:Guild voice_client:VoiceClient bot:Bot",  # noqa: E501
        "Bot(Client) add_cog remove_cog load_extension unload_extension reload_extension process_commands invoke get_context is_owner | get_cog> get_command> add_command>",  # noqa: E501
        "Cog cog_load cog_unload",
    ),
    "telegram": (
        "Bot send_message send_photo send_document delete_message edit_message_text answer_callback_query get_me get_chat get_file set_webhook delete_webhook send_chat_action forward_message ban_chat_member set_my_commands get_chat_member send_video send_audio send_voice",  # noqa: E501
        "Message reply_text reply_photo reply_document reply_html reply_markdown reply_video reply_voice delete edit_text edit_reply_markup forward copy pin | chat:Chat",  # noqa: E501
        "CallbackQuery answer edit_message_text edit_message_reply_markup delete_message | message:Message",
        "Chat send_message send_action get_member ban_member send_photo leave",
        "User send_message",
        "File download_to_drive download_as_bytearray",
        "Update | message:Message callback_query:CallbackQuery effective_message:Message effective_chat:Chat effective_user:User",  # noqa: E501
    ),
    "aiogram.types": (
        "Message answer reply delete edit_text edit_reply_markup answer_photo answer_document answer_video answer_sticker reply_photo reply_document forward copy_to pin answer_voice answer_audio answer_media_group",  # noqa: E501
        "CallbackQuery answer | message:Message",
    ),
    "aiogram": (
        "from aiogram.types import Message",
        "Bot send_message send_photo send_document delete_message edit_message_text answer_callback_query get_me get_chat get_file set_webhook delete_webhook send_chat_action forward_message ban_chat_member set_my_commands get_chat_member send_video send_audio send_voice download",  # noqa: E501
        "Dispatcher start_polling feed_update",
    ),
    "aiogram.fsm.context": ("FSMContext set_state get_state set_data get_data update_data clear",),
    "playwright.async_api": (
        "Page goto click fill type press title content screenshot evaluate wait_for_selector wait_for_timeout close wait_for_load_state query_selector query_selector_all inner_text set_content reload go_back hover check select_option wait_for_url pdf add_init_script | locator>Locator get_by_role>Locator get_by_text>Locator on>",  # noqa: E501
        "Locator click fill count inner_text text_content is_visible wait_for all get_attribute hover press check screenshot evaluate input_value inner_html | first:Locator last:Locator nth>Locator locator>Locator",  # noqa: E501
        "BrowserContext close cookies add_cookies storage_state new_page>!Page add_init_script route | pages:",
        "Browser close new_page>!Page new_context>!BrowserContext | contexts: is_connected>",
        "BrowserType launch>!Browser launch_persistent_context>!BrowserContext connect>!Browser connect_over_cdp>!Browser",  # noqa: E501
        "Playwright stop | chromium:BrowserType firefox:BrowserType webkit:BrowserType",
        "PlaywrightManager start>!Playwright __aenter__>!Playwright",
        "def | async_playwright>PlaywrightManager",
    ),
    "aiofiles.os": (
        "def remove unlink rename replace mkdir makedirs rmdir removedirs stat listdir scandir access symlink |",
    ),
    "aiofiles.threadpool.binary": (
        "AsyncBufferedIOBase read write readline readlines seek tell flush close truncate",
    ),
    "aiofiles.threadpool.text": (
        "AsyncTextIOWrapper read write readline readlines seek tell flush close truncate",
    ),
    "zmq.asyncio": (
        "Socket recv recv_multipart recv_string recv_json recv_pyobj send send_multipart send_string send_json send_pyobj poll | close> bind> connect> setsockopt>",  # noqa: E501
        "Poller poll | register> unregister>",
        "Context | socket>Socket term> destroy>",
    ),
    "pymongo": (
        "from pymongo.asynchronous.collection import AsyncCollection",
        "from pymongo.asynchronous.database import AsyncDatabase",
        "AsyncMongoClient close server_info list_database_names drop_database aconnect | get_database>AsyncDatabase get_default_database>AsyncDatabase start_session>",  # noqa: E501
    ),
    "pymongo.asynchronous.database": (
        "from pymongo.asynchronous.collection import AsyncCollection",
        "AsyncDatabase command create_collection>!AsyncCollection list_collection_names drop_collection | get_collection>AsyncCollection",  # noqa: E501
    ),
    "pymongo.asynchronous.collection": (
        "AsyncCollection find_one insert_one insert_many update_one update_many delete_one delete_many replace_one find_one_and_update find_one_and_delete find_one_and_replace count_documents estimated_document_count distinct bulk_write create_index create_indexes drop_index drop_indexes index_information drop rename aggregate list_indexes | find>",  # noqa: E501
    ),
    "openai": (
        "AsyncOpenAI close | chat:Chat completions:Completions embeddings:Creates responses:Creates images:Images audio:Audio models:Lists files:Lists moderations:Creates beta: with_options>AsyncOpenAI",  # noqa: E501
        "AsyncAzureOpenAI(AsyncOpenAI) close",
        "Chat | completions:Completions",
        "Completions create parse | stream>",
        "Creates create retrieve delete parse | stream>",
        "Images generate edit create_variation",
        "Audio | transcriptions:Creates translations:Creates speech:Creates",
        "Lists retrieve delete create content",
    ),
    "anthropic": (
        "AsyncAnthropic close | messages:Messages completions:Messages with_options>AsyncAnthropic",
        "Messages create count_tokens parse | stream>",
    ),
    "aio_pika": (
        "def connect>!Connection connect_robust>!Connection",
        "Connection close channel>!Channel | is_closed:",
        "Channel close declare_queue>!Queue declare_exchange>!Exchange get_queue>!Queue get_exchange>!Exchange set_qos | default_exchange:Exchange",  # noqa: E501
        "Queue bind unbind consume get cancel delete purge | iterator>",
        "Exchange publish bind unbind delete",
        "IncomingMessage ack nack reject | process>",
    ),
    "aiokafka": (
        "AIOKafkaProducer start stop send send_and_wait flush partitions_for",
        "AIOKafkaConsumer start stop getone getmany commit committed position seek_to_beginning seek_to_end | subscribe> assign> seek> pause> resume> assignment>",  # noqa: E501
    ),
    "nats": ("def connect>!Client", "from nats.aio.client import Client"),
    "nats.aio.client": (
        "Client connect publish subscribe request flush drain close | jetstream> is_connected:",
    ),
    "elasticsearch": (
        "AsyncElasticsearch search index get delete update bulk count exists ping info close mget msearch scroll clear_scroll delete_by_query update_by_query | indices:Indices cluster:",  # noqa: E501
        "Indices create delete exists refresh put_mapping get_mapping get put_alias",
    ),
    "databases": (
        "Database connect disconnect execute execute_many fetch_all fetch_one fetch_val | transaction> connection> iterate>",  # noqa: E501
    ),
    "asyncssh": (
        "def connect>&SSHClientConnection listen create_server scp |",
        "SSHClientConnection run create_process wait_closed start_sftp_client forward_local_port | close>",
    ),
    "aiomysql": (
        "def connect>&Connection create_pool>&Pool",
        "Connection cursor>&Cursor commit rollback begin ping ensure_closed | close>",
        "Pool wait_closed | acquire>&Connection release> close> terminate>",
        "Cursor execute executemany fetchone fetchall fetchmany close callproc",
    ),
    "slack_sdk.web.async_client": (
        "AsyncWebClient chat_postMessage chat_update chat_delete chat_postEphemeral users_info conversations_open conversations_history conversations_info views_open views_publish files_upload_v2 reactions_add api_call",  # noqa: E501
    ),
    "mcp": (
        "ClientSession initialize list_tools call_tool list_resources read_resource list_prompts get_prompt send_ping set_logging_level",  # noqa: E501
    ),
    "telethon": (
        "TelegramClient connect send_message send_file get_entity get_messages download_media delete_messages edit_message get_me sign_in send_code_request is_user_authorized forward_messages get_input_entity get_dialogs upload_file | on> add_event_handler> iter_messages> iter_participants> is_connected>",  # noqa: E501
    ),
    "pyrogram": (
        "Client send_message send_photo send_document send_video edit_message_text delete_messages get_me get_chat get_users get_messages download_media answer_callback_query get_chat_member ban_chat_member forward_messages copy_message send_chat_action | on_message> add_handler> get_chat_history>",  # noqa: E501
    ),
}
TABLE["aioredis"] = (
    "from redis.asyncio import Redis, StrictRedis, from_url, Pipeline",
    "def create_redis_pool>!Redis create_redis>!Redis create_pool create_connection |",
)
for fork in ("nextcord", "disnake"):
    TABLE[fork] = TABLE["discord"]
    TABLE[f"{fork}.ext.commands"] = TABLE["discord.ext.commands"]

NEEDS = {"fastapi": "starlette", "aioredis": "redis", "nextcord": "discord", "disnake": "discord"}
"""Packages whose rows speak of another package."""
