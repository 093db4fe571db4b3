using Aegis.Core.Errors;
using Aegis.Ledger.Chat;

namespace Aegis.Server.Chat;

/// <summary>contracts/errors/chat.yaml explains each.</summary>
internal static class ChatErrors
{
    public static AegisError SessionFull(string id) => new("AEGIS2711",
        $"the conversation {id} has as many messages as one may have", $"at most {ChatTable.MessagesMax}",
        "one more", "begin a new one: leave session_id out");

    public static AegisError TooManySessions => new("AEGIS2712", "this key has too many conversations",
        $"at most {ChatTable.SessionsMax}", "one more", "delete some: DELETE /v1/chat/sessions/{session}");

    public static AegisError NotConfigured(string use) => new("AEGIS2713",
        $"the project's profile does not say how to {use}", $"chat: {{{use}: NAME}}", "nothing",
        "register a workflow with on: [api] and name it in profile.yaml");

    public static AegisError NoWorkflow(string use, string name) => new("AEGIS2714",
        $"the workflow {name}, which the profile names for {use}, is not registered", "a registered workflow",
        name, $"PUT /v1/workflows/{name}, or name another one");

    public static AegisError NoSound(string why) => new("AEGIS2715", "the form cannot be used",
        "message, or file with a sound; session_id, require_action, repository beside it", why,
        "see docs/chat.md");

    public static AegisError NothingHeard => new("AEGIS2716", "nothing was said in the sound",
        "words", "none", "send another one, or type the message");

    public static AegisError NotTold(string why) => new("AEGIS2717",
        "the sentence does not say enough to act", why, "nothing", "say it");
}
