using System.Collections;
using Aegis.Core;

namespace Aegis.Server.Auth;

/// <summary>The fields that every log line of a request carries.</summary>
internal sealed class LogScope : IReadOnlyList<KeyValuePair<string, object?>>
{
    private readonly List<KeyValuePair<string, object?>> fields;

    private LogScope(List<KeyValuePair<string, object?>> fields) => this.fields = fields;

    public int Count => fields.Count;

    public KeyValuePair<string, object?> this[int index] => fields[index];

    public static LogScope Of(HttpContext http, Tenancy tenancy)
    {
        List<KeyValuePair<string, object?>> fields =
            [new("tenant_id", tenancy.Tenant ?? ""), new("project_id", tenancy.Project ?? "")];
        Add("run", "run_id");
        Add("plan", "plan_id");
        Add("step", "task_id");
        return new LogScope(fields);

        void Add(string route, string field)
        {
            if (http.Request.RouteValues[route] is string value && Core.IdRule.IsValid(value))
            {
                fields.Add(new(field, value));
            }
        }
    }

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => fields.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => string.Join(' ', fields.Select(f => $"{f.Key}={f.Value}"));
}
