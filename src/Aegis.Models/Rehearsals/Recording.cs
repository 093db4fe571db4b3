using System.Text;
using System.Text.Json;
using Aegis.Core.Rehearsals;

namespace Aegis.Models.Rehearsals;

/// <summary>A conversation on its way into a rehearsal file. Calls may be added from any thread. What would
/// make the file longer than one may be is left out and counted.</summary>
public sealed class Recording
{
    private const int SecretCharsMin = 4;

    private static readonly string Head =
        RehearsalWriter.Head(RehearsalFile.Recorded, RehearsalMode.Strict);

    private readonly Lock _lock = new();
    private readonly StringBuilder _turns = new();
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly string[] _secrets;

    /// <param name="secrets">What no file may hold; <c>***</c> takes its place. Keys of providers need not be
    /// named.</param>
    public Recording(IEnumerable<string>? secrets = null) => _secrets = [.. Spelled(secrets ?? [])];

    /// <summary>Goes on with what was recorded before.</summary>
    public static Recording Resume(RehearsalFile file, IEnumerable<string>? secrets = null)
    {
        var recording = new Recording(secrets) { Turns = file.Turns.Length };
        foreach (var turn in file.Turns)
        {
            recording._turns.Append(RehearsalWriter.Turn(turn, text => text));
            recording._numbers[turn.Role] =
                Math.Max(turn.Turn, recording._numbers.GetValueOrDefault(turn.Role));
        }
        return recording;
    }

    /// <summary>A turn was added, or counted as left out.</summary>
    public event Action? Added;

    public int Turns { get; private set; }

    /// <summary>Calls that found no room.</summary>
    public int LeftOut { get; private set; }

    /// <summary>The file as far as it came.</summary>
    public string ToYaml()
    {
        lock (_lock)
        {
            var note = LeftOut == 0 ? ""
                : FormattableString.Invariant($"# {LeftOut} more calls found no room in this file.\n");
            return Head + note + RehearsalWriter.Turns(_turns.ToString());
        }
    }

    /// <param name="isNumbered">Whether the turn's number is the caller's own; else it is the next one of its
    /// role.</param>
    /// <param name="key">The provider's key, which an answer may repeat.</param>
    /// <param name="mask">Goes over every text as well; null for nothing further.</param>
    public void Add(RehearsedTurn turn, bool isNumbered, string? key = null,
        Func<string, string>? mask = null)
    {
        string[] secrets = key is null ? _secrets : [.. _secrets, .. Spelled([key])];
        var isMasked = false;
        lock (_lock)
        {
            var number = isNumbered ? turn.Turn : _numbers.GetValueOrDefault(turn.Role) + 1;
            var numbered = turn with { Turn = number };
            var yaml = RehearsalWriter.Turn(numbered, Mask);
            if (isMasked)
            {
                // a secret may lie in pieces in what was sent
                yaml = RehearsalWriter.Turn(numbered with { Answer = Readable(numbered) }, Mask);
            }
            if (Turns == RehearsalFile.TurnsMax || _turns.Length + yaml.Length > MostChars || !IsRead(yaml))
            {
                LeftOut++;
            }
            else
            {
                _turns.Append(yaml);
                _numbers[turn.Role] = number;
                Turns++;
            }
        }
        Added?.Invoke();

        string Mask(string text)
        {
            var masked = secrets.Aggregate(text, (rest, secret) =>
                rest.Replace(secret, RehearsedText.Mask, StringComparison.Ordinal));
            masked = mask?.Invoke(masked) ?? masked;
            isMasked |= masked != text;
            return masked;
        }
    }

    /// <summary>A call was too long for any file.</summary>
    internal void LeaveOut()
    {
        lock (_lock)
        {
            LeftOut++;
        }
        Added?.Invoke();
    }

    // room for what stands before the turns
    private static int MostChars => RehearsalFile.CharsMax - 1_000;

    // a text, a schema or a list may be longer than a file's may be
    private static bool IsRead(string turn) =>
        RehearsalFile.Parse(Head + RehearsalWriter.Turns(turn), "recording").Ok;

    private static RehearsedAnswer Readable(RehearsedTurn turn) => turn.Path == RehearsedPath.Chat
        && turn.Answer.Content is not null ? turn.Answer with { Sent = null } : turn.Answer;

    // in JSON a secret is written otherwise where it holds a quote or the like
    private static IEnumerable<string> Spelled(IEnumerable<string> secrets) => secrets
        .Where(secret => secret.Length >= SecretCharsMin)
        .SelectMany(secret => new[] { secret, JsonEncodedText.Encode(secret).Value,
            JsonEncodedText.Encode(secret, AskedCall.PlainEncoder).Value })
        .Distinct().OrderByDescending(secret => secret.Length);
}
