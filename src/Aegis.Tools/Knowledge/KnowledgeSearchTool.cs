using System.ComponentModel.DataAnnotations;
using Aegis.Core.Errors;
using Aegis.Core.Knowledge;
using Aegis.Gate;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Knowledge;

/// <param name="Query">What is to be built, in words of English or Spanish.</param>
/// <param name="Stack">Only what fits this language or system, such as python or postgresql.</param>
/// <param name="Limit">Articles at most.</param>
public sealed record KnowledgeSearchInput(
    [property: StringLength(KnowledgeLimits.QueryCharsMax, MinimumLength = 1)] string Query,
    [property: StringLength(64, MinimumLength = 1)] string? Stack = null,
    [property: Range(1, KnowledgeLimits.HitsMax)] int Limit = KnowledgeSearchTool.LimitDefault);

/// <summary>Safe architectures for what is to be built, best first: the best as whole texts, as far as they
/// have room in an agent's context, the rest by their titles.</summary>
public sealed class KnowledgeSearchTool : Tool<KnowledgeSearchInput>
{
    public const int LimitDefault = 3;

    public override ToolDescriptor Descriptor { get; } =
        new("knowledge.search", "knowledge:read", ToolEffect.Pure,
        "Finds safe architectures by words, best first: their shape, threats, files and checks.");

    protected override async ValueTask<ToolResult> InvokeAsync(
        KnowledgeSearchInput input, Execution execution, CancellationToken cancel)
    {
        var known = await execution.KnowledgeAsync(cancel);
        try
        {
            return Answer(known.Search(input.Query, input.Stack, input.Limit).Select(h => h.Item));
        }
        catch (AegisException e)
        {
            return ToolResult.Fail(e.Error);
        }
    }

    private static ToolResult Answer(IEnumerable<KnowledgeArticle> found)
    {
        var room = KnowledgeLimits.AnswerCharsMax;
        var shown = new List<(KnowledgeArticle Article, string? Text)>();
        foreach (var article in found)
        {
            // a shorter one after one that had no room is shown still
            var fits = article.Body.Length <= room;
            room -= fits ? article.Body.Length : 0;
            shown.Add((article, fits ? article.Body : null));
        }
        return new ToolResult(true, shown.Count == 0 ? "no article speaks of it"
            : string.Join("\n\n", shown.Select(s => $"# {s.Article.Title} ({s.Article.Id})\n\n"
                + (s.Text ?? "no room: ask for it alone, by its title"))), ToolJson.Element(new
            {
                articles = shown.Select(s => new
                {
                    id = s.Article.Id,
                    title = s.Article.Title,
                    when = s.Article.When,
                    avoid = s.Article.Avoid,
                    stacks = s.Article.Stacks,
                    standards = s.Article.Standards,
                    own = s.Article.IsOwn,
                    text = s.Text,
                }),
            }));
    }
}
