using System.Collections.Immutable;

namespace Aegis.Core.RepoMaps;

/// <summary>What the map is for.</summary>
/// <param name="Task">Words of the task; names in it count most.</param>
/// <param name="Files">Files that the task is known to be about.</param>
public sealed record MapQuestion(string Task, ImmutableArray<string> Files);

/// <summary>A definition with its worth for the task.</summary>
public readonly record struct RankedSymbol(string Path, SymbolDefinition? Symbol, double Score);

/// <summary>
/// Personalised PageRank over files: a file points at those that define the names which it uses, and at those
/// that it imports. Names that the task says weigh more, names that stand everywhere less. What a file is
/// worth flows back to its definitions by how much each was asked for. Same input, same order of sums, same
/// answer.
/// </summary>
public static class RepoRank
{
    private const double Damping = 0.85;
    private const int Rounds = 40;
    private const double Mentioned = 40;
    private const int DefinersMax = 8;

    public static ImmutableArray<RankedSymbol> Of(RepoIndex index, MapQuestion question)
    {
        if (index.Paths.IsEmpty)
        {
            return [];
        }
        var words = new TaskWords(question.Task, index);
        var graph = Graph.Of(index, words);
        var rank = Rank(graph, Seeds(index, question, words));
        var flow = new double[graph.Symbols.Length];
        foreach (var edge in graph.Edges)
        {
            if (edge.Symbol >= 0)
            {
                flow[edge.Symbol] += rank[edge.From] * edge.Weight / graph.Out[edge.From];
            }
        }
        var ranked = new List<RankedSymbol>();
        for (var s = 0; s < graph.Symbols.Length; s++)
        {
            var (file, symbol) = graph.Symbols[s];
            var own = rank[file] * words.Weight(symbol.Name) * KindWeight(symbol.Kind)
                / graph.Counts[file];
            ranked.Add(new RankedSymbol(index.Paths[file], symbol, own + flow[s]));
        }
        for (var f = 0; f < index.Paths.Length; f++)
        {
            // a file without definitions still has a name
            if (graph.Counts[f] == 0)
            {
                ranked.Add(new RankedSymbol(index.Paths[f], null, rank[f] * 0.5));
            }
        }
        return [.. ranked.OrderByDescending(r => r.Score).ThenBy(r => r.Path, StringComparer.Ordinal)
            .ThenBy(r => r.Symbol?.Line)];
    }

    private static double[] Seeds(RepoIndex index, MapQuestion question, TaskWords words)
    {
        var mentioned = question.Files.ToHashSet(StringComparer.Ordinal);
        var seeds = new double[index.Paths.Length];
        for (var f = 0; f < seeds.Length; f++)
        {
            var path = index.Paths[f];
            seeds[f] = (mentioned.Contains(path) || words.SaysPath(path) ? Mentioned : 0)
                + words.Weight(path)
                + index.Symbols[path].Select(s => words.Weight(s.Name) - 1).DefaultIfEmpty(0).Max();
        }
        var sum = seeds.Sum();
        return [.. seeds.Select(s => s / sum)];
    }

    private static double[] Rank(Graph graph, double[] seeds)
    {
        var rank = (double[])seeds.Clone();
        for (var round = 0; round < Rounds; round++)
        {
            var next = new double[rank.Length];
            var lost = 0.0;
            for (var f = 0; f < rank.Length; f++)
            {
                lost += graph.Out[f] == 0 ? rank[f] : 0;
            }
            foreach (var edge in graph.Edges)
            {
                next[edge.To] += rank[edge.From] * edge.Weight / graph.Out[edge.From];
            }
            for (var f = 0; f < rank.Length; f++)
            {
                next[f] = (Damping * (next[f] + (lost * seeds[f]))) + ((1 - Damping) * seeds[f]);
            }
            rank = next;
        }
        return rank;
    }

    private static double KindWeight(string kind) => kind switch
    {
        "constant" or "const" or "let" or "var" or "variable" => 0.1,
        "field" or "property" or "enumerator" => 0.3,
        _ => 1,
    };

    private readonly record struct Edge(int From, int To, int Symbol, double Weight);

    private sealed record Graph(ImmutableArray<(int File, SymbolDefinition Symbol)> Symbols,
        List<Edge> Edges, double[] Out, int[] Counts)
    {
        public static Graph Of(RepoIndex index, TaskWords words)
        {
            var number = index.Paths.Select((p, i) => (p, i)).ToDictionary(p => p.p, p => p.i);
            ImmutableArray<(int File, SymbolDefinition Symbol)> symbols =
                [.. index.Paths.SelectMany((p, i) => index.Symbols[p].Select(s => (i, s)))];
            var definers = symbols.Select((s, i) => (s.Symbol.Name, Id: i)).ToLookup(s => s.Name, s => s.Id);
            SourceLanguage[] languages = [.. index.Paths.Select(SourceFile.LanguageOf)];
            var (edges, outs) = (new List<Edge>(), new double[index.Paths.Length]);
            void Add(int from, int to, int symbol, double weight)
            {
                edges.Add(new Edge(from, to, symbol, weight));
                outs[from] += weight;
            }
            for (var from = 0; from < index.Paths.Length; from++)
            {
                foreach (var use in index.References[index.Paths[from]])
                {
                    // a name of another language is another name
                    var ids = definers[use.Name].Where(i => symbols[i].File != from
                        && languages[symbols[i].File] == languages[from]).Take(DefinersMax + 1).ToArray();
                    // what is defined everywhere tells nothing
                    var weight = ids.Length > DefinersMax ? 0
                        : Math.Sqrt(use.Count) * words.Weight(use.Name) / Math.Max(1, ids.Length);
                    foreach (var id in ids.Where(_ => weight > 0))
                    {
                        Add(from, symbols[id].File, id, weight * KindWeight(symbols[id].Symbol.Kind));
                    }
                }
                foreach (var to in index.Imports[index.Paths[from]])
                {
                    Add(from, number[to], -1, 1);
                }
            }
            return new Graph(symbols, edges, outs,
                [.. index.Paths.Select(p => index.Symbols[p].Length)]);
        }
    }
}
