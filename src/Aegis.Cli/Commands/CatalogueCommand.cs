using System.CommandLine;
using System.Globalization;
using Aegis.Cli.Catalogue;
using Aegis.Cli.Plans;
using Aegis.Core.Catalogue;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis models list</c>: what the catalogue knows, without a server.</summary>
internal static class CatalogueCommand
{
    private static readonly Option<string?> Provider =
        new("--provider") { Description = "Of this provider only.", HelpName = "NAME" };

    private static readonly Option<string?> Kind = new("--kind")
    {
        Description = "Of this kind only: " + string.Join(", ", CatalogueWords.Kinds.Keys.Order()) + ".",
        HelpName = "KIND",
    };

    public static Command List(CommandDesk desk)
    {
        var list = new Verb("list", "List the models of the catalogue; needs no server.",
            "aegis models list --provider groq",
            "aegis models list --kind embedding --json") { Provider, Kind, PlanCommand.ModelsFile };
        list.SetAction(parsed => Show(desk, parsed));
        return list;
    }

    private static int Show(CommandDesk desk, ParseResult parsed)
    {
        if (new ModelFiles(desk.Terminal).Read(null, parsed.GetValue(PlanCommand.ModelsFile)) is not { } read)
        {
            return ExitCode.Failed;
        }
        var (name, kind) = (parsed.GetValue(Provider), parsed.GetValue(Kind));
        Known("provider", name, read.Catalogue.Providers.Keys);
        Known("kind", kind, CatalogueWords.Kinds.Keys);
        IReadOnlyList<ModelShape> models = [.. read.Catalogue.Providers.Values
            .Where(p => name is null || p.Name == name)
            .SelectMany(p => p.Models.Values.Select(m => ModelShape.Of(p, m)))
            .Where(m => kind is null || m.Kinds.Contains(kind))];
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Json(models, ModelJson.Default.IReadOnlyListModelShape);
            return ExitCode.Ok;
        }
        desk.Terminal.Table(["PROVIDER", "MODEL", "KIND", "CONTEXT", "TOOLS", "IN $/M", "OUT $/M"],
            models.Select(m => new[]
            {
                m.Provider, m.Model, string.Join(',', m.Kinds), Shown(m.ContextTokensMax),
                m.Tools switch { true => "yes", false => "no", null => "?" }, Shown(m.InputUsd),
                Shown(m.OutputUsd),
            }));
        return ExitCode.Ok;
    }

    private static void Known(string what, string? given, IEnumerable<string> known)
    {
        if (given is not null && !known.Contains(given))
        {
            throw new CliException(ExitCode.Usage, "AEGIS7001", $"there is no {what} {given}",
                $"one of {string.Join(", ", known.Order())}");
        }
    }

    // what no page states
    private static string Shown(decimal? number) =>
        number?.ToString("#,0.######", CultureInfo.InvariantCulture) ?? "?";
}
