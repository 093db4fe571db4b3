using Aegis.Core.Errors;
using Aegis.Core.Profiles;

namespace Aegis.Models.Rehearsals;

/// <summary>Answers a request from a rehearsal, or says how the request differs from what was
/// rehearsed.</summary>
internal static class RehearsalDesk
{
    private const int ShownCharsMax = 80;

    public static RehearsedTurn Answer(RehearsalFile rehearsal, ModelRequest request)
    {
        var prompt = Prompt(request);
        var place = rehearsal.Turns.Where(t => t.Role == request.Role && t.Turn == request.Turn).ToArray();
        return place.FirstOrDefault(turn => turn.Matches(prompt))
            ?? throw new AegisException(place.Length == 0 ? NoTurn(rehearsal, request)
                : Differs(place, request, prompt));
    }

    /// <summary>What is matched: the newest message of the user.</summary>
    private static string Prompt(ModelRequest request) =>
        request.Messages.LastOrDefault(m => m.Role == "user")?.Text ?? "";

    private static AegisError NoTurn(RehearsalFile rehearsal, ModelRequest request)
    {
        var known = rehearsal.Turns.Select(t => $"{t.Role} {t.Turn}").Distinct().Take(20);
        return new("AEGIS2331", $"role {request.Role}, turn {request.Turn} was not rehearsed",
            $"one of: {string.Join(", ", known)}", $"{request.Role} {request.Turn}",
            "add the turn to the rehearsal file, or name a real provider in the profile");
    }

    private static AegisError Differs(RehearsedTurn[] place, ModelRequest request, string prompt)
    {
        var normal = RehearsedTurn.Normalise(prompt);
        var nearest = place.MaxBy(turn => CommonLength(normal, RehearsedTurn.Normalise(Wanted(turn))))!;
        var wanted = RehearsedTurn.Normalise(Wanted(nearest));
        var at = nearest.Equal is null ? 0 : CommonLength(normal, wanted);
        var kind = nearest.Equal is null ? "a prompt that contains" : $"at character {at + 1} of the prompt";
        return new("AEGIS2332", $"the prompt of role {request.Role}, turn {request.Turn} was not rehearsed",
            $"{kind} \"{Cut(wanted, at)}\"", $"\"{Cut(normal, at)}\"",
            "mend the prompt, or rehearse this one");
    }

    private static string Wanted(RehearsedTurn turn) => turn.Equal ?? turn.Contains ?? "";

    private static int CommonLength(string a, string b) => a.AsSpan().CommonPrefixLength(b);

    private static string Cut(string text, int from) =>
        text.Length - from > ShownCharsMax ? $"{text.AsSpan(from, ShownCharsMax)}…" : text[from..];
}
