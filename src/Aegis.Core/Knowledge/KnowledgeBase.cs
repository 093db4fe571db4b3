using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Core.Profiles;
using Aegis.Core.Ranking;

namespace Aegis.Core.Knowledge;

/// <summary>Safe architectures that can be searched: those that ship, and a project's own in their place or
/// beside them.</summary>
public sealed class KnowledgeBase
{
    /// <summary>Files of a profile below this folder are articles.</summary>
    public const string OwnFolder = "knowledge/";

    private const string Resources = "contracts.knowledge.";
    private const string Ending = ".md";

    // what a word counts in each part of an article
    private const double TitleWeight = 6;
    private const double TagWeight = 6;
    private const double WhenWeight = 2;
    private const double BodyWeight = 0.5;

    private static readonly Lazy<KnowledgeBase> Built = new(() => new(ReadShipped(), []));

    private readonly ImmutableArray<WeightedText<KnowledgeArticle>> _texts;

    private KnowledgeBase(
        ImmutableSortedDictionary<string, KnowledgeArticle> articles,
        IEnumerable<WeightedText<KnowledgeArticle>> known)
    {
        Articles = articles;
        Stacks = articles.Values.SelectMany(a => a.Stacks).Where(s => s != KnowledgeArticle.AnyStack)
            .ToImmutableSortedSet(StringComparer.OrdinalIgnoreCase);
        var ready = known.Where(t => articles.GetValueOrDefault(t.Name) == t.Item).ToDictionary(t => t.Name);
        _texts = [.. articles.Values.Select(a => ready.GetValueOrDefault(a.Id) ?? TextOf(a))];
    }

    /// <summary>Those that ship.</summary>
    public static KnowledgeBase BuiltIn => Built.Value;

    public ImmutableSortedDictionary<string, KnowledgeArticle> Articles { get; }

    /// <summary>What can be asked for as a stack.</summary>
    public ImmutableSortedSet<string> Stacks { get; }

    /// <summary>With the articles of a profile's files. One that bears the id of one that ships takes its
    /// place.</summary>
    public static KnowledgeBase With(IReadOnlyDictionary<string, string> files)
    {
        var own = Own(files).ToList();
        return own.Count == 0 ? BuiltIn : new(BuiltIn.Articles.SetItems(own
            .Select(f => KnowledgeFile.Parse(f.Value, f.Key, true).Value).OfType<KnowledgeArticle>()
            .Select(a => KeyValuePair.Create(a.Id, a))), BuiltIn._texts);
    }

    /// <summary>What is wrong with the articles of a profile's files.</summary>
    public static IReadOnlyList<Diagnostic> Check(IReadOnlyDictionary<string, string> files)
    {
        var own = Own(files).ToList();
        if (own.Count > KnowledgeLimits.OwnArticlesMax)
        {
            return [new(new("profile.yaml", 1, 1), KnowledgeErrors.TooMany(own.Count))];
        }
        var read = own.ConvertAll(f => (File: f.Key, Read: KnowledgeFile.Parse(f.Value, f.Key, true)));
        var ids = new HashSet<string>(StringComparer.Ordinal);
        return
        [
            .. read.SelectMany(r => r.Read.Errors),
            .. read.Where(r => r.Read.Value is { } article && !ids.Add(article.Id))
                .Select(r => new Diagnostic(new(r.File, 1, 1), KnowledgeErrors.Article(
                    $"two articles are called {r.Read.Value!.Id}", "an id of its own for each", null))),
        ];
    }

    /// <summary>The articles that speak of it, best first. Throws with AEGIS2735 for a stack that no article
    /// has.</summary>
    public ImmutableArray<Ranked<KnowledgeArticle>> Search(string query, string? stack, int limit)
    {
        CheckStack(stack);
        var words = KnowledgeWords.Of(query).Distinct().Take(KnowledgeLimits.QueryWordsMax).ToList();
        return WordRanking.Rank([.. _texts.Where(t => t.Item.Fits(stack))], words, limit);
    }

    /// <summary>All that fit a stack, by id. Throws as <see cref="Search"/> does.</summary>
    public IEnumerable<KnowledgeArticle> ListFor(string? stack)
    {
        CheckStack(stack);
        return Articles.Values.Where(a => a.Fits(stack));
    }

    private void CheckStack(string? stack)
    {
        if (stack is not null && !Stacks.Contains(stack))
        {
            throw new AegisException(KnowledgeErrors.Stack(stack, Stacks));
        }
    }

    private static IEnumerable<KeyValuePair<string, string>> Own(IReadOnlyDictionary<string, string> files) =>
        files.Where(f => f.Key.StartsWith(OwnFolder, StringComparison.Ordinal)
            && f.Key.EndsWith(Ending, StringComparison.Ordinal)).OrderBy(f => f.Key, StringComparer.Ordinal);

    private static WeightedText<KnowledgeArticle> TextOf(KnowledgeArticle article) =>
        WeightedText<KnowledgeArticle>.Of(article, article.Id,
            (KnowledgeWords.Of($"{article.Title} {article.Id}"), TitleWeight),
            (article.Tags.Concat(article.Stacks).SelectMany(KnowledgeWords.Of), TagWeight),
            (KnowledgeWords.Of(article.When), WhenWeight),
            (KnowledgeWords.Of(article.Body), BodyWeight));

    private static ImmutableSortedDictionary<string, KnowledgeArticle> ReadShipped()
    {
        var assembly = typeof(KnowledgeBase).Assembly;
        var found = ImmutableSortedDictionary.CreateBuilder<string, KnowledgeArticle>(StringComparer.Ordinal);
        foreach (var resource in assembly.GetManifestResourceNames().Where(n =>
            n.StartsWith(Resources, StringComparison.Ordinal)
            && n.EndsWith(Ending, StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            var name = resource[Resources.Length..^Ending.Length];
            var read = KnowledgeFile.Parse(reader.ReadToEnd(), $"contracts/knowledge/{name}.md", false);
            found.Add(name, read.Value is { } article && article.Id == name ? article
                : throw new InvariantViolationException($"{name}: " + string.Join('\n', read.Errors)));
        }
        return found.ToImmutable();
    }
}
