using System.CommandLine;
using System.Globalization;
using Aegis.Cli.Machine;
using Aegis.Client;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis models …</c>: the catalogue, calls to models, the models on the server's disk, and the
/// hub that they come from.</summary>
internal static class ModelsCommand
{
    private static readonly Argument<string[]> Query = new("QUERY")
    {
        Description = "Part of a name.", Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Argument<string> Wanted =
        new("REPO[:FILE]") { Description = "owner/name for all its files, owner/name:file for one." };

    private static readonly Argument<string> Model =
        new("MODEL") { Description = "As aegis models local list shows it." };

    private static readonly Option<int> Limit =
        new("--limit", "-n") { Description = "At most so many; 20 unless said.", HelpName = "N",
            DefaultValueFactory = _ => 20 };

    private static readonly Option<string?> Revision =
        new("--revision") { Description = "A branch or a commit; main unless said.", HelpName = "REV" };

    private static readonly Option<string?> Token = new("--token-secret")
    {
        Description = "The secret of the project with a token for the hub.", HelpName = "NAME",
    };

    private static readonly Option<bool> Detach =
        new("--detach", "-d") { Description = "Do not wait until it is there." };

    private static readonly Option<bool> Off = new("--off") { Description = "Take the pin off." };

    public static Command Build(CommandDesk desk) => new("models",
        "The catalogue of models, calls to them, the models on the server's disk, and their hub.")
    {
        desk.Online(new Verb("search", "Search the hub for models.",
            "aegis models search qwen gguf",
            "aegis models search whisper --limit 5 --json") { Query, Limit },
            async (client, parsed, cancel) => Found(desk, parsed, await client.SearchHubModelsAsync(
                string.Join(' ', parsed.GetRequiredValue(Query)), parsed.GetValue(Limit), cancel))),
        desk.Online(new Verb("pull", "Load a model, or go on with one that was cut.",
            "aegis models pull ggml-org/tiny-llamas:stories15M-q4_0.gguf",
            "aegis models pull acme/private --token-secret hub-token --detach")
        {
            Wanted, Revision, Token, Detach,
        }, (client, parsed, cancel) => PullAsync(desk, client, parsed, cancel)),
        CatalogueCommand.List(desk),
        ModelTestCommand.Test(desk),
        ModelRouteCommand.Route(desk),
        ModelUsageCommand.Usage(desk),
        LearningCommands.Judge(desk),
        LearningCommands.Learned(desk),
        LearningCommands.Replacements(desk),
        Local(desk),
    };

    private static Command Local(CommandDesk desk) => new("local", "The models that are there.")
    {
        desk.Online(new Verb("list", "List models and downloads.", "aegis models local list"),
            async (client, parsed, cancel) =>
                List(desk, parsed, await client.ListLocalModelsAsync(cancel))),
        desk.Online(new Verb("path", "Print where a model's file or folder is; counts as a use of it.",
            "llama-server -m \"$(aegis models local path ggml-org/tiny-llamas:stories15M-q4_0.gguf)\"")
        {
            Model,
        }, async (client, parsed, cancel) =>
        {
            var found = await client.UseModelAsync(parsed.GetRequiredValue(Model), cancel);
            return desk.Write(parsed, found, ClientJson.Default.StoredModelFiles,
                found.Files.Count == 1 ? Path.Combine(found.Folder, found.Files[0].Path) : found.Folder);
        }),
        desk.Online(new Verb("pin", "Keep a model whatever room is needed.",
            "aegis models local pin acme/tiny:tiny.gguf",
            "aegis models local pin acme/tiny:tiny.gguf --off") { Model, Off },
            async (client, parsed, cancel) =>
            {
                var model = await client.PinModelAsync(
                    parsed.GetRequiredValue(Model), !parsed.GetValue(Off), cancel);
                return desk.Write(parsed, model, ClientJson.Default.LocalModel,
                    Terminal.Visible($"{model.Model} is {(model.Pinned ? "" : "not ")}pinned"));
            }),
        desk.Online(new Verb("remove", "Remove a model, or what was loaded of one.",
            "aegis models local remove acme/tiny:tiny.gguf") { Model }, async (client, parsed, cancel) =>
        {
            await client.RemoveModelAsync(parsed.GetRequiredValue(Model), cancel);
            return ExitCode.Ok;
        }),
    };

    private static async Task<int> PullAsync(
        CommandDesk desk, AegisClient client, ParseResult parsed, CancellationToken cancel)
    {
        var model = await client.PullModelAsync(new PullModel(parsed.GetRequiredValue(Wanted),
            parsed.GetValue(Revision), parsed.GetValue(Token)), cancel);
        if (!parsed.GetValue(Detach))
        {
            model = await new PullWatch(desk.Terminal, client).UntilThereAsync(model, cancel);
        }
        var words = Terminal.Visible($"{model.Model} {model.Status}: {model.BytesThere} bytes");
        _ = desk.Write(parsed, model, ClientJson.Default.LocalModel, words);
        if (model.Error is { } error)
        {
            Failure.Write(desk.Terminal.Error, error.Code, error.Message, error.Expected, error.Got,
                error.Mend);
        }
        return model.Error is null && model.Status is "ready" or "pulling" ? ExitCode.Ok : ExitCode.Failed;
    }

    private static int Found(CommandDesk desk, ParseResult parsed, Listing<HubModel> found)
    {
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Json(found, ClientJson.Default.ListingHubModel);
            return ExitCode.Ok;
        }
        desk.Terminal.Table(["MODEL", "FOR", "DOWNLOADS", "LIKES", "GATED"], found.Items.Select(m => new[]
        {
            m.Model, m.Task ?? "", Number(m.Downloads), Number(m.Likes), m.Gated ? "yes" : "",
        }));
        return ExitCode.Ok;
    }

    private static int List(CommandDesk desk, ParseResult parsed, Listing<LocalModel> found)
    {
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Json(found, ClientJson.Default.ListingLocalModel);
            return ExitCode.Ok;
        }
        desk.Terminal.Table(["MODEL", "STATUS", "BYTES", "PINNED", "USED"], found.Items.Select(m => new[]
        {
            m.Model, m.Status, m.BytesThere == m.Bytes ? Number(m.Bytes)
                : $"{Number(m.BytesThere)} of {Number(m.Bytes)}", m.Pinned ? "yes" : "",
            m.UsedAt is { } used ? $"{used:yyyy-MM-dd HH:mm:ss}" : "",
        }));
        return ExitCode.Ok;
    }

    private static string Number(long count) => count.ToString(CultureInfo.InvariantCulture);
}
