using System.Globalization;

namespace Aegis.Tests.Shared.Fakes;

public enum FakeFaultKind
{
    None,

    /// <summary>An error of the status in Number.</summary>
    Status,

    /// <summary>No answer ever.</summary>
    Hang,

    /// <summary>Less than the header promised, then the connection ends.</summary>
    Truncate,

    /// <summary>A page instead of an answer.</summary>
    Garbage,

    /// <summary>Number milliseconds between the events of a stream.</summary>
    Slow,

    /// <summary>The connection ends behind Number bytes of the body.</summary>
    Cut,

    /// <summary>An error in the stream behind Number of its events.</summary>
    StreamError,

    /// <summary>Something that is no JSON in the stream behind Number of its events.</summary>
    StreamGarbage,

    /// <summary>A redirect.</summary>
    Redirect,
}

/// <summary>One thing that goes wrong.</summary>
/// <param name="RetryAfter">As the header has it.</param>
public sealed record FakeFault(FakeFaultKind Kind, int Number = 0, string? RetryAfter = null)
{
    public static FakeFault None { get; } = new(FakeFaultKind.None);

    public static FakeFault Status(int status, string? retryAfter = null) =>
        new(FakeFaultKind.Status, status, retryAfter);

    /// <summary>For calls through somebody who hands no headers on: the model is named by the
    /// fault.</summary>
    public static FakeFault OfModel(byte[] body)
    {
        const string Named = "\"model\":\"fault ";
        var at = body.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(Named));
        if (at < 0)
        {
            return None;
        }
        var rest = body.AsSpan(at + Named.Length);
        return Parse(System.Text.Encoding.UTF8.GetString(rest[..rest.IndexOf((byte)'"')]));
    }

    /// <summary>Reads <c>429 retry-after=2</c>, <c>hang</c>, <c>truncate</c>, <c>garbage</c>,
    /// <c>slow=20</c>, <c>cut=100</c>, <c>stream-error=3</c>, <c>stream-garbage=3</c>,
    /// <c>redirect</c>.</summary>
    public static FakeFault Parse(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return None;
        }
        var words = text.Split(' ');
        var parts = words[0].Split('=');
        var number = parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 0;
        const string RetryAfter = "retry-after=";
        var after = words.Skip(1).FirstOrDefault(word => word.StartsWith(RetryAfter))?[RetryAfter.Length..];
        return parts[0] switch
        {
            "hang" => new(FakeFaultKind.Hang),
            "truncate" => new(FakeFaultKind.Truncate),
            "garbage" => new(FakeFaultKind.Garbage),
            "redirect" => new(FakeFaultKind.Redirect),
            "slow" => new(FakeFaultKind.Slow, number),
            "cut" => new(FakeFaultKind.Cut, number),
            "stream-error" => new(FakeFaultKind.StreamError, number),
            "stream-garbage" => new(FakeFaultKind.StreamGarbage, number),
            _ => Status(int.Parse(parts[0], CultureInfo.InvariantCulture), after),
        };
    }
}
