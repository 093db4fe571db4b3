using System.Text;
using Aegis.Core.Errors;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Plans;
using Aegis.Server.Problems;

namespace Aegis.Server.Workflows;

/// <summary>The two forms in which a workflow comes to be registered: a member of a JSON object, or the file
/// as it is with the rest in the query.</summary>
internal static class WorkflowForms
{
    public static DoorDescription Put(DoorDescription door) => door
        .Saying("The workflow comes as a member of a JSON object, or alone as it is, with the rest in the "
            + "query.")
        .Reads(DoorJson.Default.PutWorkflowRequest).ReadsYaml()
        .Text("file_name", "What errors call the file.")
        .Text("repository", "The repository that runs without a caller work on.")
        .Text("ref", "Its branch.")
        .Answers(DoorJson.Default.WorkflowAnswer)
        .Refuses("AEGIS4051", "AEGIS6040");

    public static async ValueTask<PutWorkflowRequest> ReadAsync(HttpContext http)
    {
        var request = PlanDoors.IsYaml(http.Request.ContentType)
            ? new PutWorkflowRequest
            {
                Workflow = Encoding.UTF8.GetString(await Body.ReadBytesAsync(http)),
                FileName = Query.Text(http, "file_name"),
                Repository = Query.Text(http, "repository"),
                Ref = Query.Text(http, "ref"),
            }
            : await Body.ReadAsync(http, DoorJson.Default.PutWorkflowRequest);
        Bounds.Check(request, DoorJson.Default.PutWorkflowRequest);
        if (request.Ref?.Any(char.IsControl) == true)
        {
            throw new AegisException(DoorErrors.Malformed("ref is malformed", "a branch's name"));
        }
        return request;
    }
}
