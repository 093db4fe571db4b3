using System.Collections.Immutable;
using System.Text;
using Aegis.Core.Errors;

namespace Aegis.Core.Agents;

/// <summary>
/// Keeps a conversation within its budget of tokens, always in the same way. What is pinned (instructions,
/// task, spec, plan, vaccines, open failures) is never touched. Then, until it fits: other sections are cut
/// to head and tail, results of old turns likewise from the oldest on, then whole old turns go, and at last
/// the newest turn's results are cut. Rejected: a summary by a model, which costs, differs each time, and may
/// drop what must not be dropped.
/// </summary>
public static class Compaction
{
    /// <summary>Sections of an agent's context that are never cut.</summary>
    public static ImmutableHashSet<string> Pinned { get; } =
        ["spec", "plan", "vaccines", "failures", "task", "instructions"];

    /// <summary>What an old result keeps.</summary>
    public const int ResultChars = 600;

    /// <summary>What a section that may be cut keeps at least.</summary>
    public const int SectionChars = 2_000;

    /// <summary>Turns at the end that are not dropped.</summary>
    public const int TurnsKept = 1;

    /// <summary>Tokens of a text, never too few for words and code: three bytes a token.</summary>
    public static int Tokens(string text) => (Encoding.UTF8.GetByteCount(text) + 2) / 3;

    /// <param name="fixedTokens">Instructions, task, schemas of tools.</param>
    /// <returns>The sections and turns that fit; an error where what is pinned does not.</returns>
    public static Compacted Fit(int fixedTokens, ImmutableArray<ContextSection> sections,
        ImmutableArray<TurnRecord> turns, int tokensMax)
    {
        var state = new Compacted(sections, turns, 0, null);
        if (Size(fixedTokens, state) <= tokensMax)
        {
            return state;
        }
        state = state with { Sections = [.. sections.Select(s => Pinned.Contains(s.Name) ? s
            : s with { Text = CutText.Of(s.Text, SectionChars) })] };
        for (var i = 0; i < turns.Length - TurnsKept && Size(fixedTokens, state) > tokensMax; i++)
        {
            state = state with { Turns = state.Turns.SetItem(i, Cut(turns[i], ResultChars)) };
        }
        while (state.Turns.Length > TurnsKept && Size(fixedTokens, state) > tokensMax)
        {
            state = state with { Turns = state.Turns.RemoveAt(0), Dropped = state.Dropped + 1 };
        }
        for (var chars = 16_000; chars >= 250 && Size(fixedTokens, state) > tokensMax; chars /= 2)
        {
            state = state with { Turns = [.. state.Turns.Select(t => Cut(t, chars))] };
        }
        return Size(fixedTokens, state) <= tokensMax ? state : state with
        {
            Error = new AegisError("AEGIS2609", "what an agent must know does not fit into its context",
                $"at most {tokensMax} tokens", $"{Size(fixedTokens, state)}",
                "raise limits.context_tokens of the agent, or give it a smaller spec, plan or list of "
                    + "failures"),
        };
    }

    public static int Size(TurnRecord turn) => Tokens(turn.Said) + Tokens(turn.Note ?? "") + 16
        + turn.Calls.Sum(c => Tokens(c.Name) + Tokens(c.Arguments) + Tokens(c.Result) + 32);

    private static int Size(int fixedTokens, Compacted state) => fixedTokens
        + state.Sections.Sum(s => Tokens(s.Text) + Tokens(s.Name) + 8) + state.Turns.Sum(Size)
        + (state.Dropped > 0 ? 32 : 0);

    private static TurnRecord Cut(TurnRecord turn, int chars) => turn with
    {
        Said = CutText.Of(turn.Said, chars * 2),
        Calls = [.. turn.Calls.Select(c => c with
        {
            Arguments = CutText.OfJson(c.Arguments, chars),
            Result = CutText.Of(c.Result, chars),
        })],
    };
}

/// <summary>A named text that an agent is given.</summary>
public sealed record ContextSection(string Name, string Text);

/// <param name="Dropped">Turns at the beginning that are left out.</param>
public sealed record Compacted(ImmutableArray<ContextSection> Sections, ImmutableArray<TurnRecord> Turns,
    int Dropped, AegisError? Error);
