using System.Diagnostics.CodeAnalysis;
using Aegis.Core.Errors;
using Aegis.Core.Rehearsals;

namespace Aegis.Models.Rehearsals;

/// <summary>Finds the turn of a rehearsal that answers a call, or says how the call differs from what was
/// rehearsed.</summary>
/// <param name="role">Who speaks; null for nobody in particular.</param>
/// <param name="turn">Which of the role's turns it is; null finds it by what the call says.</param>
internal sealed class RehearsalPlace(RehearsalFile file, string? role, int? turn)
{
    private const int NamesShown = 20;
    private readonly string _role = role ?? "user";

    public bool TryFind(AskedCall call, [NotNullWhen(true)] out RehearsedTurn? found,
        [NotNullWhen(false)] out AegisError? wrong) =>
        file.Mode == RehearsalMode.Strict ? BySaid(call, out found, out wrong)
            : ByTurn(call, out found, out wrong);

    private bool BySaid(AskedCall call, [NotNullWhen(true)] out RehearsedTurn? found,
        [NotNullWhen(false)] out AegisError? wrong)
    {
        var differences = file.Turns.Where(one => one.Path == call.Path)
            .Select(one => (Turn: one, Difference: RequestDifference.Between(one.Request!, call.Request)))
            .ToList();
        // the same may be said twice: then the place tells which is meant
        found = differences.Where(one => one.Difference is null).Select(one => one.Turn)
            .OrderByDescending(one => one.Role == _role).ThenByDescending(one => one.Turn == turn)
            .FirstOrDefault();
        wrong = found is not null ? null
            : differences.Count == 0 ? new("AEGIS2334", "the rehearsal has no turn of this kind of call",
                Word(call.Path), "none", "record the conversation again")
            : NotSaid(differences.MaxBy(one => one.Difference!.Equal));
        return found is not null;
    }

    private static AegisError NotSaid((RehearsedTurn Turn, RequestDifference? Difference) nearest) =>
        new("AEGIS2334", "the request was not rehearsed: it differs from the nearest one, "
            + $"{nearest.Turn.Role} {nearest.Turn.Turn}, at {nearest.Difference!.Place}",
            nearest.Difference.Expected, nearest.Difference.Got,
            "record the conversation again, mend the turn, or say mode: turns");

    private bool ByTurn(AskedCall call, [NotNullWhen(true)] out RehearsedTurn? found,
        [NotNullWhen(false)] out AegisError? wrong)
    {
        var prompt = call.Request.Prompt;
        var place = file.Turns.Where(one => one.Path == call.Path && one.Role == _role
            && (turn is null || one.Turn == turn)).ToList();
        var fitting = place.Where(one => one.Matches(prompt));
        found = turn is null ? fitting.OrderByDescending(one => one.Turn == call.Turn).FirstOrDefault()
            : fitting.FirstOrDefault();
        wrong = found is not null ? null : place.Count == 0 ? NoTurn(call) : Differs(place, prompt);
        return found is not null;
    }

    private AegisError NoTurn(AskedCall call)
    {
        var known = file.Turns.Where(one => one.Path == call.Path).Select(one => $"{one.Role} {one.Turn}")
            .Distinct().Take(NamesShown);
        var asked = turn is null ? _role : FormattableString.Invariant($"{_role} {turn}");
        return new("AEGIS2331", $"role {_role}{OfTurn()} was not rehearsed",
            $"one of: {string.Join(", ", known)}", asked,
            "add the turn to the rehearsal file, or name a real provider in the profile");
    }

    private AegisError Differs(List<RehearsedTurn> place, string prompt)
    {
        var normal = RehearsedTurn.Normalise(prompt);
        var nearest = place.MaxBy(one => CommonLength(normal, RehearsedTurn.Normalise(one.Wanted ?? "")))!;
        var wanted = RehearsedTurn.Normalise(nearest.Wanted ?? "");
        var at = nearest.Contains is null ? CommonLength(normal, wanted) : 0;
        var kind = nearest.Contains is null ? $"at character {at + 1} of the prompt"
            : "a prompt that contains";
        return new("AEGIS2332", $"the prompt of role {_role}{OfTurn()} was not rehearsed",
            $"{kind} \"{RequestDifference.Cut(wanted, at)}\"", $"\"{RequestDifference.Cut(normal, at)}\"",
            "mend the prompt, or rehearse this one");
    }

    private string OfTurn() => turn is null ? "" : FormattableString.Invariant($", turn {turn}");

    private static string Word(RehearsedPath path) => path switch
    {
        RehearsedPath.Embeddings => "embeddings",
        RehearsedPath.Transcriptions => "a transcription",
        _ => "a chat",
    };

    private static int CommonLength(string a, string b) => a.AsSpan().CommonPrefixLength(b);
}
