using Aegis.Core.Plans.Source;

namespace Aegis.Core.Plans;

internal static class RetryReader
{
    /// <summary>A number alone is max; keys that are absent keep what defaults.retry says.</summary>
    public static RetrySpec Read(ValueReader read, SourceNode? node, RetrySpec otherwise)
    {
        if (node is null)
        {
            return otherwise;
        }
        if (node is ScalarNode)
        {
            return otherwise with { Max = Retries(read, node, "retry") ?? 0 };
        }
        var map = read.Map(node, "retry", KeyScope.Retry);
        if (map is null)
        {
            return otherwise;
        }
        var retry = new RetrySpec(
            Retries(read, map["max"], "retry.max") ?? otherwise.Max,
            Backoff(read, map["backoff"]) ?? otherwise.Backoff,
            read.Duration(map["delay"], "retry.delay", mayBeZero: true) ?? otherwise.Delay,
            read.Duration(map["max_delay"], "retry.max_delay", mayBeZero: true) ?? otherwise.DelayMax)
        {
            On = map["on"] is { } on ? RetryOnReader.Read(read, on) : otherwise.On,
        };
        if (retry.DelayMax >= retry.Delay)
        {
            return retry;
        }
        if (map["max_delay"] is { } written)
        {
            read.Diagnostics.Add(written, "AEGIS1014", "retry.max_delay is shorter than retry.delay",
                $"at least {retry.Delay.TotalMilliseconds} ms", $"{retry.DelayMax.TotalMilliseconds} ms");
        }
        return retry with { DelayMax = retry.Delay };
    }

    private static int? Retries(ValueReader read, SourceNode? node, string what) =>
        (int?)read.Number(node, what, 0, WorkflowLimits.RetriesMax, isInteger: true);

    private static BackoffKind? Backoff(ValueReader read, SourceNode? node)
    {
        if (node is null || read.Text(node, "retry.backoff") is not { } text)
        {
            return null;
        }
        BackoffKind? kind = text switch
        {
            "constant" => BackoffKind.Constant,
            "linear" => BackoffKind.Linear,
            "exponential" => BackoffKind.Exponential,
            _ => null,
        };
        if (kind is null)
        {
            read.Diagnostics.Add(node, "AEGIS1014", "retry.backoff is unknown",
                "constant, linear or exponential",
                ValueReader.Shown(text),
                read.Diagnostics.DidYouMean(text, ["constant", "linear", "exponential"]));
        }
        return kind;
    }
}
