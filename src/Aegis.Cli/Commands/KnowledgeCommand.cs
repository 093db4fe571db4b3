using System.CommandLine;
using Aegis.Client;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis knowledge search|list|show</c>: safe architectures.</summary>
internal static class KnowledgeCommand
{
    private static readonly Argument<string> Words =
        new("QUERY") { Description = "What is to be built, in words." };

    private static readonly Argument<string> Id =
        new("ARTICLE") { Description = "As knowledge list shows it." };

    private static readonly Option<string?> Stack = new("--stack")
    {
        Description = "Only what fits it, such as python.", HelpName = "NAME",
    };

    private static readonly Option<int?> Limit = new("--limit")
    {
        Description = "Articles at most.", HelpName = "COUNT",
    };

    public static Command Build(CommandDesk desk) => new("knowledge", "Safe architectures to build by.")
    {
        desk.Online(new Verb("search", "Those that speak of it, best first.",
            "aegis knowledge search \"file upload\" --stack python",
            "aegis knowledge search \"subir archivos\"") { Words, Stack, Limit },
            async (client, parsed, cancel) => List(desk, parsed, await client.SearchKnowledgeAsync(
                parsed.GetRequiredValue(Words), parsed.GetValue(Stack), parsed.GetValue(Limit), cancel))),
        desk.Online(new Verb("list", "All of them.", "aegis knowledge list"),
            async (client, parsed, cancel) =>
                List(desk, parsed, await client.ListKnowledgeAsync(cancel))),
        desk.Online(new Verb("show", "Print one.", "aegis knowledge show file-upload") { Id },
            async (client, parsed, cancel) => Show(
                desk, parsed, await client.GetArticleAsync(parsed.GetRequiredValue(Id), cancel))),
    };

    private static int List(CommandDesk desk, ParseResult parsed, Listing<Article> found)
    {
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Json(found, ClientJson.Default.ListingArticle);
            return ExitCode.Ok;
        }
        desk.Terminal.Table(["ARTICLE", "STACKS", "TITLE", "WHEN"], found.Items.Select(a =>
            new[] { a.Id, string.Join(',', a.Stacks), a.Title, a.When }));
        return ExitCode.Ok;
    }

    private static int Show(CommandDesk desk, ParseResult parsed, Article a)
    {
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Json(a, ClientJson.Default.Article);
            return ExitCode.Ok;
        }
        foreach (var line in $"""
            # {a.Title}

            When: {a.When}
            Avoid: {a.Avoid}
            Standards: {string.Join(", ", a.Standards)}

            {a.Text}
            """.ReplaceLineEndings("\n").Split('\n'))
        {
            desk.Terminal.Out.WriteLine(Terminal.Visible(line));
        }
        return ExitCode.Ok;
    }
}
