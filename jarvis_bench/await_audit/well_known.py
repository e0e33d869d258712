"""Coroutine methods that are told by the names alone, where nothing says what the receiver is."""

from __future__ import annotations

WELL_KNOWN = frozenset(
    f"{receiver}.{method}"
    for receiver, methods in {
        "ctx": "send reply defer",
        "message": "delete edit reply add_reaction reply_text answer",
        "channel": "send purge trigger_typing delete_messages",
        "member": "ban kick add_roles remove_roles send",
        "user": "send",
        "author": "send",
        "response": "send_message defer edit_message send_modal",
        "followup": "send",
        "interaction": "edit_original_response original_response delete_original_response",
        "callback_query": "answer",
        "state": "set_state update_data get_data",
        "msg": "delete edit reply add_reaction reply_text",
        "bot": "send_message send_photo send_document wait_until_ready fetch_user fetch_channel change_presence"
        " add_cog load_extension delete_message edit_message_text answer_callback_query",
        "client": "send_message send_file get_entity wait_until_ready fetch_user fetch_channel change_presence",
        "event": "reply respond edit delete answer get_sender get_chat get_reply_message",
        "guild": "ban kick unban fetch_member fetch_channel create_role create_text_channel",
        "inter": "edit_original_response edit_original_message original_response",
        "voice_client": "disconnect move_to",
    }.items()
    for method in methods.split()
)
"""Receivers that bots name alike everywhere, with their coroutine methods."""

LIBRARY_METHODS = {
    "motor": frozenset({
        "find_one", "insert_one", "insert_many", "update_one", "update_many", "delete_one", "delete_many",
        "replace_one", "find_one_and_update", "find_one_and_delete", "find_one_and_replace", "count_documents",
        "bulk_write", "create_index", "create_indexes",
    }),
}  # fmt: skip
"""Methods whose receivers no annotation tells, in files that import the library."""

BOT_LIBRARIES = frozenset(
    {"discord", "nextcord", "disnake", "telegram", "aiogram", "interactions", "pyrogram", "telethon"}
)
