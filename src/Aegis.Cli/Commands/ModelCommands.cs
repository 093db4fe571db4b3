using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Client;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis llm chat</c> and <c>aegis providers test</c>: the models of the project's
/// profile.</summary>
internal static class ModelCommands
{
    private const string Question = "Answer with the one word: ok";

    private static readonly Argument<string[]> Prompt = new("PROMPT")
    {
        Description = "The message; - reads it from stdin.",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<string?> Provider =
        new("--provider") { Description = "A provider of the profile.", HelpName = "NAME" };

    private static readonly Option<string?> Model =
        new("--model") { Description = "A model, or an alias of the profile.", HelpName = "NAME" };

    private static readonly Option<string?> System =
        new("--system") { Description = "What the model is told first.", HelpName = "TEXT" };

    public static Command Chat(CommandDesk desk) => new("llm", "The models of the project's profile.")
    {
        desk.Online(new Verb("chat", "Ask a model.",
            "aegis llm chat --model fast \"Summarise the issue\"")
        {
            Prompt, Provider, Model, System,
        }, (client, parsed, cancel) =>
        {
            var words = string.Join(' ', parsed.GetRequiredValue(Prompt));
            return RpcVerb.CallAsync(desk, client, parsed, "llm.chat", Members(parsed,
                words == "-" ? desk.Terminal.In.ReadToEnd() : words, parsed.GetValue(System)), cancel);
        }),
    };

    public static Command Providers(CommandDesk desk) => new("providers", "Providers of models.")
    {
        desk.Online(new Verb("test", "Ask a provider a short question, and say how it answers.",
            "aegis providers test --provider blackbox") { Provider, Model },
            (client, parsed, cancel) => TestAsync(desk, client, parsed, cancel)),
    };

    private static async Task<int> TestAsync(
        CommandDesk desk, AegisClient client, ParseResult parsed, CancellationToken cancel)
    {
        await using var rpc = await client.OpenRpcAsync(cancel);
        var since = TimeProvider.System.GetTimestamp();
        var answer = await rpc.CallAsync(
            "llm.chat", Members(parsed, Question, null), cancel: cancel);
        var took = TimeProvider.System.GetElapsedTime(since).TotalMilliseconds;
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Out.WriteLine(answer.GetRawText());
            return ExitCode.Ok;
        }
        var said = answer.GetProperty("outputs");
        desk.Terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Text(said, "provider")} {Text(said, "model")} ({Text(said, "origin")}): {took:0} ms, "
            + $"{said.GetProperty("input_tokens")} tokens in, {said.GetProperty("output_tokens")} out"));
        return ExitCode.Ok;
    }

    private static string? Text(JsonElement outputs, string member) =>
        outputs.GetProperty(member).GetString();

    private static JsonObject Members(ParseResult parsed, string prompt, string? system)
    {
        var messages = new JsonArray();
        if (system is not null)
        {
            messages.Add((JsonNode)new JsonObject { ["role"] = "system", ["content"] = system });
        }
        messages.Add((JsonNode)new JsonObject { ["role"] = "user", ["content"] = prompt });
        var members = new JsonObject { ["messages"] = messages };
        ExecCommand.Put(members, "provider", parsed.GetValue(Provider));
        ExecCommand.Put(members, "model", parsed.GetValue(Model));
        return members;
    }
}
