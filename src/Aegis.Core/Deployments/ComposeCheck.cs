using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Aegis.Core.Errors;
using Aegis.Core.Findings;
using Aegis.Core.Profiles;

namespace Aegis.Core.Deployments;

/// <summary>Rules on a compose file: its form, as far as these members go, and what opens the host.
/// </summary>
public static partial class ComposeCheck
{
    public const int CharsMax = 256 * 1024;
    private const string Tool = "aegis-compose";

    private static readonly string[] Top =
        ["services", "volumes", "networks", "secrets", "configs", "name", "version"];

    [GeneratedRegex(@"^(\d{1,3}(\.\d{1,3}){3}:)?(\d+(-\d+)?:)?\d+(-\d+)?(/(tcp|udp))?$")]
    private static partial Regex Port();

    [GeneratedRegex(@"(?i)(pass(word|wd)?|secret|token|api[_-]?key|access[_-]?key|private[_-]?key)$")]
    private static partial Regex SecretName();

    public static ImmutableArray<Finding> Check(string path, string text)
    {
        var errors = new List<Diagnostic>();
        var found = ImmutableArray.CreateBuilder<Finding>();
        if (YamlSource.Load(text, path, CharsMax, errors) is not YamlMap root)
        {
            found.AddRange(errors.Select(e => new Finding("not-readable", Tool, FindingSeverity.Error, path,
                e.At.Line, e.At.Column, e.Error.Message, e.Error.Mend)));
            if (errors.Count == 0)
            {
                found.Add(new Finding("not-readable", Tool, FindingSeverity.Error, path, 1, null,
                    "a compose file is a map", "begin with services:"));
            }
            return found.ToImmutable();
        }
        var told = new Teller(found, path);
        foreach (var (key, _) in root.Entries.Where(e => !Top.Contains(e.Key.Text)
            && !e.Key.Text.StartsWith("x-", StringComparison.Ordinal)))
        {
            told.Error("unknown-member", key, $"{key.Text} is no member of a compose file", "take it out");
        }
        if (Member(root, "services") is not YamlMap { Entries.Count: > 0 } services)
        {
            told.Error("no-services", root, "there are no services", "add one under services:");
            return found.ToImmutable();
        }
        foreach (var (name, value) in services.Entries)
        {
            Service(told, name, value);
        }
        return found.ToImmutable();
    }

    private static void Service(Teller told, YamlScalar name, YamlValue value)
    {
        if (value is not YamlMap service)
        {
            told.Error("service-form", name, $"the service {name.Text} is no map", "give it image or build");
            return;
        }
        if (Member(service, "image") is null && Member(service, "build") is null)
        {
            told.Error("no-image", name, $"{name.Text} has neither image nor build", "give it one");
        }
        if (Member(service, "image") is YamlScalar image && Member(service, "build") is null
            && (image.Text.EndsWith(":latest", StringComparison.Ordinal)
                || !image.Text[(image.Text.LastIndexOf('/') + 1)..].Contains(':', StringComparison.Ordinal)))
        {
            told.Error("image-not-pinned", image, $"{image.Text} is whatever is newest", "name a version");
        }
        if (Member(service, "privileged") is YamlScalar { Text: "true" } all)
        {
            told.Error("privileged", all, $"{name.Text} has every right on the host", "take it out");
        }
        foreach (var (member, word) in new[] { ("network_mode", "host"), ("pid", "host"), ("ipc", "host") })
        {
            if (Member(service, member) is YamlScalar shared && shared.Text == word)
            {
                told.Error("host-namespace", shared, $"{name.Text} shares the host's {member}",
                    "take it out");
            }
        }
        foreach (var volume in Items(service, "volumes"))
        {
            if (volume.Text.Contains("docker.sock", StringComparison.Ordinal)
                || volume.Text.StartsWith("/:", StringComparison.Ordinal))
            {
                told.Error("host-mounted", volume, $"{volume.Text} hands the host over", "take it out");
            }
        }
        foreach (var port in Items(service, "ports").Where(p => !Port().IsMatch(p.Text)
            && !p.Text.Contains('$', StringComparison.Ordinal)))
        {
            told.Error("port-form", port, $"{port.Text} is no port", "write HOST:CONTAINER, quoted");
        }
        Environment(told, service);
        if (Member(service, "healthcheck") is null && Member(service, "build") is null)
        {
            told.Say(FindingSeverity.Warning, "no-healthcheck", name, $"{name.Text} has no health check",
                "add a healthcheck");
        }
    }

    private static void Environment(Teller told, YamlMap service)
    {
        var pairs = Member(service, "environment") is YamlMap map
            ? map.Entries.Select(e => (e.Key, (e.Value as YamlScalar)?.Text ?? ""))
            : Items(service, "environment").Select(i => (i with { Text = i.Text.Split('=')[0] },
                i.Text.Split('=', 2) is [_, var set] ? set : ""));
        foreach (var (name, set) in pairs.Where(p => SecretName().IsMatch(p.Item1.Text) && p.Item2.Length > 0
            && !p.Item2.StartsWith('$')))
        {
            told.Error("secret-in-file", name, $"{name.Text} has its value in the file",
                $"write ${{{name.Text}}}, and keep the value in .env");
        }
    }

    private static YamlValue? Member(YamlMap map, string name) =>
        map.Entries.FirstOrDefault(e => e.Key.Text == name).Value;

    private static IEnumerable<YamlScalar> Items(YamlMap map, string name) =>
        Member(map, name) is YamlList list ? list.Items.OfType<YamlScalar>() : [];

    private sealed class Teller(ImmutableArray<Finding>.Builder found, string path)
    {
        public void Error(string rule, YamlValue at, string message, string mend) =>
            Say(FindingSeverity.Error, rule, at, message, mend);

        public void Say(FindingSeverity severity, string rule, YamlValue at, string message, string mend) =>
            found.Add(new Finding(
                rule, Tool, severity, path, at.At.Line, at.At.Column, message, mend));
    }
}
