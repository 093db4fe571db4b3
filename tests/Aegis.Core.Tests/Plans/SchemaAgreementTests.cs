using System.Text;
using System.Text.Json;
using Aegis.Core.Plans;
using Aegis.Core.Plans.Source;

namespace Aegis.Core.Tests.Plans;

/// <summary>What the schema accepts the compiler accepts, and the other way round, as far as a schema can
/// see.</summary>
public sealed class SchemaAgreementTests
{
    private const string Topic64 = "topics-of-64-letters-topics-of-64-letters-topics-of-64-letters--";

    private static readonly JsonElement Schema =
        JsonElement.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory,
        "Plans/workflow.schema.json")));

    [Theory]
    [InlineData("feature-branch-ci.yaml")]
    [InlineData("every-key.yaml")]
    public void Sample_IsAcceptedByBoth(string name) => AssertBoth(true, Compiling.Sample(name));

    [Theory]
    [InlineData("name: w", false)]
    [InlineData("steps: [{id: a, uses: t}]", false)]
    [InlineData("name: w\nsteps: []", false)]
    [InlineData("name: w\nsteps: [{id: a, uses: t}]", true)]
    [InlineData("name: ''\nsteps: [{id: a, uses: t}]", false)]
    [InlineData("name: \"a\\nb\"\nsteps: [{id: a, uses: t}]", false)]
    [InlineData("name: 5\nsteps: [{id: a, uses: t}]", false)]
    [InlineData("name: w\nx: 1\nsteps: [{id: a, uses: t}]", false)]
    [InlineData("name: w\nsla: 1h\nsteps: [{id: a, uses: t}]", true)]
    [InlineData("name: w\nfinally: []\nsteps: [{id: a, uses: t}]", false)]
    [InlineData("name: w\nconcurrency: main\nsteps: [{id: a, uses: t}]", true)]
    [InlineData("name: w\nconcurrency: {cancel_in_progress: true}\nsteps: [{id: a, uses: t}]", false)]
    [InlineData("name: w\nconcurrency: {group: x, cancel_in_progress: true}\nsteps: [{id: a, uses: t}]",
        true)]
    [InlineData("name: w\ndedupe_key: ''\nsteps: [{id: a, uses: t}]", false)]
    [InlineData("name: w\noutputs: {a: x, b: {value: y, type: json}}\nsteps: [{id: a, uses: t}]", true)]
    [InlineData("name: w\noutputs: {b: {type: json}}\nsteps: [{id: a, uses: t}]", false)]
    [InlineData("name: w\noutputs: {a b: x}\nsteps: [{id: a, uses: t}]", false)]
    [InlineData("name: w\noutputs: {b: {value: y, type: int}}\nsteps: [{id: a, uses: t}]", false)]
    [InlineData("name: w\non: github:push\nsteps: [{id: a, uses: t}]", true)]
    [InlineData("name: w\non: push\nsteps: [{id: a, uses: t}]", false)]
    [InlineData("name: w\non: []\nsteps: [{id: a, uses: t}]", false)]
    [InlineData("name: w\non: [manual, manual]\nsteps: [{id: a, uses: t}]", false)]
    [InlineData("name: w\non: api\nsteps: [{id: a, uses: t}]", true)]
    [InlineData("name: w\non: schedule\nsteps: [{id: a, uses: t}]", false)]
    [InlineData("name: w\non: {}\nsteps: [{id: a, uses: t}]", false)]
    [InlineData("name: w\non: {manual: , api: }\nsteps: [{id: a, uses: t}]", true)]
    [InlineData("name: w\non: {manual: {}}\nsteps: [{id: a, uses: t}]", false)]
    [InlineData("name: w\non: [{manual: , api: }]\nsteps: [{id: a, uses: t}]", false)]
    [InlineData("name: w\non: {github:push: {branches: main}}\nsteps: [{id: a, uses: t}]", true)]
    [InlineData("name: w\non: {github:push: {branch: main}}\nsteps: [{id: a, uses: t}]", false)]
    [InlineData("name: w\non: {github:push: {paths: [1]}}\nsteps: [{id: a, uses: t}]", false)]
    [InlineData("name: w\non: {schedule: {cron: '* * * * *'}}\nsteps: [{id: a, uses: t}]", true)]
    [InlineData("name: w\non: {schedule: [{cron: '@daily'}]}\nsteps: [{id: a, uses: t}]", true)]
    [InlineData("name: w\non: {schedule: []}\nsteps: [{id: a, uses: t}]", false)]
    [InlineData("name: w\non: {schedule: {timezone: UTC}}\nsteps: [{id: a, uses: t}]", false)]
    [InlineData("name: w\non: {schedule: {cron: '@daily', missed: some}}\nsteps: [{id: a, uses: t}]", false)]
    [InlineData("name: w\non: {schedule: {cron: '@daily', timezone: 'A b'}}\nsteps: [{id: a, uses: t}]",
        false)]
    [InlineData("name: w\non: {workflow_completed: {workflow: b}}\nsteps: [{id: a, uses: t}]", true)]
    [InlineData("name: w\non: {workflow_completed: {status: any}}\nsteps: [{id: a, uses: t}]", false)]
    [InlineData("name: w\non: {workflow_completed: {workflow: b c}}\nsteps: [{id: a, uses: t}]", false)]
    [InlineData("name: w\ntimeout: 0\nsteps: [{id: a, uses: t}]", false)]
    [InlineData("name: w\ntimeout: 1.5\nsteps: [{id: a, uses: t}]", true)]
    [InlineData("name: w\ntimeout: 31622400000\nsteps: [{id: a, uses: t}]", true)]
    [InlineData("name: w\ntimeout: 31622400001\nsteps: [{id: a, uses: t}]", false)]
    [InlineData("name: w\ntimeout: '1h 5m'\nsteps: [{id: a, uses: t}]", false)]
    [InlineData("name: w\npolicy: {max_cost_usd: -1}\nsteps: [{id: a, uses: t}]", false)]
    [InlineData("name: w\npolicy: {max_cost_usd: 1000000}\nsteps: [{id: a, uses: t}]", true)]
    [InlineData("name: w\npolicy: {max_cost_usd: 1000001}\nsteps: [{id: a, uses: t}]", false)]
    [InlineData("name: w\npolicy: {allow_commands: ls}\nsteps: [{id: a, uses: t}]", false)]
    [InlineData("name: w\npolicy: {egress_allow: [a.b, '*.c:80']}\nsteps: [{id: a, uses: t}]", true)]
    [InlineData("name: w\npolicy: {egress_allow: ['https://a']}\nsteps: [{id: a, uses: t}]", false)]
    [InlineData("name: w\ninputs: {a: , b: {type: json}}\nsteps: [{id: a, uses: t}]", true)]
    [InlineData("name: w\ninputs: {a: {type: int}}\nsteps: [{id: a, uses: t}]", false)]
    [InlineData("name: w\ninputs: {1a: {}}\nsteps: [{id: a, uses: t}]", false)]
    [InlineData("name: w\nenv: {A: 1, B: true, C: , D: x}\nsteps: [{id: a, uses: t}]", true)]
    [InlineData("name: w\nenv: {A: [1]}\nsteps: [{id: a, uses: t}]", false)]
    [InlineData("name: w\nenv: {A-B: 1}\nsteps: [{id: a, uses: t}]", false)]
    [InlineData("name: w\nsteps: [{id: a, uses: t, needs: []}]", true)]
    [InlineData("name: w\nsteps: [{id: a, uses: t, needs: [1]}]", false)]
    [InlineData("name: w\nsteps: [{id: a, uses: t, retry: 20}]", true)]
    [InlineData("name: w\nsteps: [{id: a, uses: t, retry: 21}]", false)]
    [InlineData("name: w\nsteps: [{id: a, uses: t, retry: {delay: 0, max_delay: 0}}]", true)]
    [InlineData("name: w\nsteps: [{id: a, uses: t, retry: {backoff: slow}}]", false)]
    [InlineData("name: w\nsteps: [{id: a, uses: t, retry: {max: 1, on: timeout}}]", true)]
    [InlineData("name: w\nsteps: [{id: a, uses: t, retry: {on: [timeout, 137, AEGIS2005]}}]", true)]
    [InlineData("name: w\nsteps: [{id: a, uses: t, retry: {on: '${{ error.exit_code == 7 }}'}}]", true)]
    [InlineData("name: w\nsteps: [{id: a, uses: t, retry: {on: slowness}}]", false)]
    [InlineData("name: w\nsteps: [{id: a, uses: t, retry: {on: [256]}}]", false)]
    [InlineData("name: w\nsteps: [{id: a, uses: t, retry: {on: []}}]", false)]
    [InlineData("name: w\non: {webhook: {inputs: {a: 1}}}\ninputs: {a: {type: number}}\n"
        + "steps: [{id: a, uses: t}]", true)]
    [InlineData("name: w\non: {webhook: {body: 1}}\nsteps: [{id: a, uses: t}]", false)]
    [InlineData("name: w\non: {schedule: {cron: '@daily', inputs: [1]}}\nsteps: [{id: a, uses: t}]", false)]
    [InlineData("name: w\nsteps: [{id: a, uses: t, if: true}]", true)]
    [InlineData("name: w\nsteps: [{id: a, uses: t, if: []}]", false)]
    [InlineData("name: w\nsteps: [{id: a, uses: t, with: []}]", false)]
    [InlineData("name: w\nsteps: [{id: a, uses: t, continue_on_error: 1}]", false)]
    [InlineData("name: w\nsteps: [{id: a, uses: t, foreach: [1]}]", true)]
    [InlineData("name: w\nsteps: [{id: a, uses: t, foreach: {items: [1], as: item, parallel: 1}}]", true)]
    [InlineData("name: w\nsteps: [{id: a, uses: t, foreach: {items: [1], parallel: 0}}]", false)]
    [InlineData("name: w\nsteps: [{id: a, uses: t, foreach: {parallel: 1}}]", false)]
    [InlineData("name: w\nsteps: [{id: a, uses: t, foreach: {items: {a: 1}}}]", false)]
    [InlineData("name: w\nsteps: [{id: a, uses: t, repeat: {until: true, max: 1000, delay: 0}}]", true)]
    [InlineData("name: w\nsteps: [{id: a, uses: t, repeat: {until: true, max: 1001}}]", false)]
    [InlineData("name: w\nsteps: [{id: a, uses: t, repeat: {until: true}}]", false)]
    [InlineData("name: w\nsteps: [{id: a, uses: t, approve: true}]", true)]
    [InlineData("name: w\nsteps: [{id: a, uses: t, approve: go?}]", true)]
    [InlineData("name: w\nsteps: [{id: a, uses: t, approve: {message: go?, timeout: 2d}}]", true)]
    [InlineData("name: w\nsteps: [{id: a, uses: t, approve: {by: me}}]", false)]
    [InlineData("name: w\nsteps: [{id: a, uses: t, approve: {topic: release-2}}]", true)]
    [InlineData("name: w\nsteps: [{id: a, uses: t, approve: {topic: " + Topic64 + "}}]", true)]
    [InlineData("name: w\nsteps: [{id: a, uses: t, approve: {topic: " + Topic64 + "t}}]", false)]
    [InlineData("name: w\nsteps: [{id: a, uses: t, approve: {topic: -release}}]", false)]
    [InlineData("name: w\nsteps: [{id: a, uses: t, approve: {topic: ''}}]", false)]
    [InlineData("name: w\nsteps: [{id: a, uses: t, approve: 1}]", false)]
    [InlineData("name: w\nsteps: [{id: a, uses: t, lock: [a, b]}]", true)]
    [InlineData("name: w\nsteps: [{id: a, uses: t, lock: []}]", true)]
    [InlineData("name: w\nsteps: [{id: a, uses: t, name: A step, sla: 5m}]", true)]
    [InlineData("name: w\nsteps: [{id: a, uses: t, outputs: {n: 1}}]", true)]
    [InlineData("name: w\nsteps: [{id: a b, uses: t}]", false)]
    [InlineData("name: w\nsteps: [{id: a}]", false)]
    public void File_IsJudgedAlikeByBoth(string yaml, bool expected) => AssertBoth(expected, yaml);

    private static void AssertBoth(bool expected, string yaml)
    {
        var node = new SourceReader(new DiagnosticList("w")).Read(yaml)!;
        var compiled = WorkflowCompiler.Compile(Encoding.UTF8.GetBytes(yaml), "w");
        Assert.Equal((expected, expected), (compiled.Ok, MiniSchema.Accepts(Schema, Schema,
            NodeJson.Of(node))));
    }
}
