using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Aegis.Core.Plans.Source;
using Aegis.Core.Schedules;

namespace Aegis.Core.Plans.Triggers;

/// <summary>The key <c>on</c>: a name, a list of names and maps of one key, or one map.</summary>
internal sealed partial class TriggerReader(ValueReader read, Func<string, bool>? knownZone)
{
    private const string Forms =
        "manual, api, webhook, github:<event>[.<action>], schedule, workflow_completed";

    private static readonly ImmutableArray<string> Names =
        ["manual", "api", "webhook", "schedule", "workflow_completed", "github:push", "github:pull_request"];

    private readonly ImmutableArray<Trigger>.Builder found = ImmutableArray.CreateBuilder<Trigger>();
    private readonly HashSet<string> seen = new(StringComparer.Ordinal);

    public ImmutableArray<Trigger> Read(SourceNode? node)
    {
        switch (node)
        {
            case null:
                return [new ManualTrigger()];
            case MappingNode map:
                ReadMap(map);
                break;
            default:
                foreach (var item in read.Items(node, "on", WorkflowLimits.TriggersMax, mayBeOne: true))
                {
                    ReadItem(item);
                }
                break;
        }
        if (node is SequenceNode { Items.IsEmpty: true } or MappingNode { Members.IsEmpty: true })
        {
            read.Diagnostics.Add(node, "AEGIS1014", "on is empty, so nothing could start the workflow",
                "at least one trigger", null, "write on: manual");
        }
        else if (found.Count > WorkflowLimits.TriggersMax)
        {
            read.Diagnostics.Add(node, "AEGIS1016", "on has too many entries",
                $"at most {WorkflowLimits.TriggersMax}", $"{found.Count}");
        }
        return found.ToImmutable();
    }

    private void ReadItem(SourceNode item)
    {
        if (item is not MappingNode map)
        {
            if (read.Literal(item, "on", WorkflowLimits.NameLengthMax) is { } name)
            {
                ReadTrigger(item, name, null);
            }
        }
        else if (map.Members.Length == 1)
        {
            ReadMap(map);
        }
        else
        {
            read.Diagnostics.Add(item, "AEGIS1150", "an entry of on names more than one trigger, or none",
                "a name, or a map of one key", $"{map.Members.Length} keys",
                "give each trigger its own entry");
        }
    }

    private void ReadMap(MappingNode map)
    {
        foreach (var (key, value) in map.Members)
        {
            ReadTrigger(key, key.Text, value is ScalarNode { IsNull: true } ? null : value);
        }
    }

    private void ReadTrigger(SourceNode at, string name, SourceNode? options)
    {
        switch (name)
        {
            case "manual" or "api":
                if (options is not null)
                {
                    read.Diagnostics.Add(options, "AEGIS1150", $"{name} takes no options", "nothing",
                        options.KindShown, "who starts such a run gives its inputs");
                }
                Add(at, name == "manual" ? new ManualTrigger() : new ApiTrigger(), null);
                break;
            case "webhook":
                Add(at, new WebhookTrigger(),
                    options is null ? null : read.Map(options, name, KeyScope.Webhook));
                break;
            case "schedule":
                ReadSchedules(at, options);
                break;
            case "workflow_completed":
                ReadCompleted(at, options);
                break;
            default:
                ReadGithub(at, name, options);
                break;
        }
    }

    private void ReadGithub(SourceNode at, string name, SourceNode? options)
    {
        var match = GithubPattern().Match(name);
        if (!match.Success)
        {
            read.Diagnostics.Add(at, "AEGIS1025", "this is no trigger", Forms, ValueReader.Shown(name),
                read.Diagnostics.DidYouMean(name, Names));
            return;
        }
        var map = options is null ? null : read.Map(options, name, KeyScope.Github);
        var paths = Globs(map?["paths"], $"{name}.paths");
        var kind = match.Groups["event"].Value;
        if (!paths.IsEmpty && kind != "push")
        {
            read.Diagnostics.Add(map!["paths"]!, "AEGIS1150", $"paths cannot be judged for {name}",
                "github:push, whose delivery names the files", name, "leave paths out");
        }
        var action = match.Groups["action"];
        Add(at, new GithubTrigger(kind, action.Success ? action.Value : null,
            Globs(map?["branches"], $"{name}.branches"), paths), map);
    }

    private void ReadSchedules(SourceNode at, SourceNode? options)
    {
        if (options is SequenceNode list)
        {
            foreach (var item in list.Items)
            {
                ReadSchedule(item, item);
            }
            if (!list.Items.IsEmpty)
            {
                return;
            }
        }
        ReadSchedule(at, options is SequenceNode ? null : options);
    }

    private void ReadSchedule(SourceNode at, SourceNode? options)
    {
        var map = options is null ? null : read.Map(options, "schedule", KeyScope.Schedule);
        if (map?["cron"] is not { } line)
        {
            read.Diagnostics.Add(at, "AEGIS1151", "the schedule has no cron line",
                "schedule: {cron: \"0 6 * * 1-5\", timezone: Europe/Madrid}");
            return;
        }
        var zone = Zone(map["timezone"]);
        var missed = Choice(map["missed"], "schedule.missed", MissedRuns.Skip,
            ("skip", MissedRuns.Skip), ("once", MissedRuns.Once), ("all", MissedRuns.All));
        if (read.Literal(line, "schedule.cron", CronLine.LengthMax) is not { } text)
        {
            return;
        }
        if (CronLine.Parse(text) is { Error: { } error })
        {
            read.Diagnostics.Add(line.Line, line.Column, error);
            return;
        }
        Add(at, new ScheduleTrigger(text, zone, missed), map);
    }

    private string Zone(SourceNode? node)
    {
        const string Utc = "UTC";
        if (node is null
            || read.Literal(node, "schedule.timezone", WorkflowLimits.ZoneLengthMax) is not { } zone)
        {
            return Utc;
        }
        if (!ZonePattern().IsMatch(zone) || knownZone?.Invoke(zone) == false)
        {
            read.Diagnostics.Add(node, "AEGIS1153", "there is no such time zone",
                "a name of the IANA database, such as Europe/Madrid, or UTC", ValueReader.Shown(zone));
        }
        return zone;
    }

    private void ReadCompleted(SourceNode at, SourceNode? options)
    {
        var map = options is null ? null : read.Map(options, "workflow_completed", KeyScope.Completed);
        if (map?["workflow"] is not { } workflow)
        {
            read.Diagnostics.Add(at, "AEGIS1150", "workflow_completed names no workflow",
                "workflow_completed: {workflow: <registered name>, status: success}");
            return;
        }
        var status = Choice(map["status"], "workflow_completed.status", CompletedStatus.Any,
            ("any", CompletedStatus.Any), ("success", CompletedStatus.Success),
            ("failure", CompletedStatus.Failure));
        if (read.Literal(workflow, "workflow_completed.workflow", IdRule.LengthMax) is not { } name)
        {
            return;
        }
        if (!IdRule.IsValid(name))
        {
            read.Diagnostics.Add(workflow, "AEGIS1150", "this is no name of a registered workflow",
                IdRule.Form, ValueReader.Shown(name));
            return;
        }
        Add(at, new WorkflowCompletedTrigger(name, status), map);
    }

    private T Choice<T>(SourceNode? node, string what, T otherwise,
        params ReadOnlySpan<(string Word, T Value)> of)
    {
        if (node is null || read.Text(node, what) is not { } text)
        {
            return otherwise;
        }
        var words = new List<string>();
        foreach (var (word, value) in of)
        {
            if (word == text)
            {
                return value;
            }
            words.Add(word);
        }
        read.Diagnostics.Add(node, "AEGIS1014", $"{what} is unknown", string.Join(", ", words),
            ValueReader.Shown(text), read.Diagnostics.DidYouMean(text, words));
        return otherwise;
    }

    private ImmutableArray<string> Globs(SourceNode? node, string what)
    {
        if (node is null)
        {
            return [];
        }
        var globs = ImmutableArray.CreateBuilder<string>();
        foreach (var item in read.Items(node, what, WorkflowLimits.GlobsMax, mayBeOne: true))
        {
            if (read.Literal(item, what, WorkflowLimits.GlobLengthMax) is { } glob)
            {
                globs.Add(glob);
            }
        }
        return globs.ToImmutable();
    }

    private void Add(SourceNode at, Trigger bare, MappingNode? options)
    {
        var trigger = bare with { Inputs = TriggerInputs.Read(read, options?["inputs"]) };
        if (seen.Add(TriggerJson.Write([trigger])))
        {
            found.Add(trigger);
        }
        else
        {
            read.Diagnostics.Add(at, "AEGIS1004", "a trigger stands twice", "each once", trigger.Name);
        }
    }

    [GeneratedRegex(@"^github:(?<event>[a-z][a-z_]{0,63})(\.(?<action>[a-z][a-z_]{0,63}))?\z")]
    private static partial Regex GithubPattern();

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_+/-]*\z")]
    private static partial Regex ZonePattern();
}
