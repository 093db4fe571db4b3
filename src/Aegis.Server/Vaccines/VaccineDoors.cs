using Aegis.Core.Errors;
using Aegis.Core.Languages;
using Aegis.Core.Vaccines;
using Aegis.Gate.Vaccines;
using Aegis.Server.Auth;
using Aegis.Server.Conditions;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;

namespace Aegis.Server.Vaccines;

/// <summary>Immune memory: read, written by people, taken back. Taking back and widening are doors and no
/// tools, so that no model does either.</summary>
public static class VaccineDoors
{
    private const int BudgetTokens = 2_000;

    public static void Map(IEndpointRouteBuilder routes, DoorParts parts)
    {
        routes.MapGet("/v1/vaccines", http => ListAsync(http, parts)).RequireScope(Scopes.VaccinesRead)
            .Describe("listVaccines", "Vaccines that the project sees, the newest first", door => door
                .Saying("With a query: those that matter for it, best first, within a budget of tokens.")
                .Choice("status", "Only those of this state.", VaccineWords.Statuses.Split(' '))
                .Choice("scope", "Only those of this scope.", VaccineWords.Scopes.Split(' '))
                .Text("query", "What is to be done, in words.")
                .Text("language", "Only what holds for this language; with a query.")
                .Number("budget_tokens", "What they may take of a prompt; with a query.", 1,
                    VaccineLimits.BudgetTokensMax, BudgetTokens)
                .Page().Answers(DoorJson.Default.ListingVaccineAnswer).Refuses("AEGIS2624"));
        routes.MapPost("/v1/vaccines", http => MintAsync(http, parts)).RequireScope(Scopes.VaccinesWrite)
            .Describe("mintVaccine", "Makes a vaccine of a failure, or counts one alike", door => door
                .Reads(DoorJson.Default.MintVaccineRequest)
                .Answers(DoorJson.Default.VaccineAnswer, StatusCodes.Status201Created)
                .Answers(DoorJson.Default.VaccineAnswer).Refuses("AEGIS2621", "AEGIS2622", "AEGIS2623",
                    "AEGIS2624", "AEGIS2625", "AEGIS2626", "AEGIS2627"));
        routes.MapGet("/v1/vaccines/{vaccine}", http => GetAsync(http, parts))
            .RequireScope(Scopes.VaccinesRead).WithEntityTag()
            .Describe("getVaccine", "A vaccine", door => door.Answers(DoorJson.Default.VaccineAnswer));
        MapActs(routes, parts);
    }

    private static void MapActs(IEndpointRouteBuilder routes, DoorParts parts)
    {
        routes.MapPost("/v1/vaccines/{vaccine}:revoke",
            http => ReasonedAsync(http, parts, parts.Vaccines.RevokeAsync))
            .RequireScope(Scopes.VaccinesWrite)
            .Describe("revokeVaccine", "Takes a vaccine back, for good", door => door
                .Reads(DoorJson.Default.VaccineReasonRequest).Answers(DoorJson.Default.VaccineAnswer)
                .Refuses("AEGIS2627", "AEGIS2628"));
        routes.MapPost("/v1/vaccines/{vaccine}:report",
            http => ReasonedAsync(http, parts, parts.Vaccines.ReportAsync))
            .RequireScope(Scopes.VaccinesWrite)
            .Describe("reportVaccine", "Says that it stopped good code; it stays in force", door => door
                .Reads(DoorJson.Default.VaccineReasonRequest).Answers(DoorJson.Default.VaccineAnswer));
        routes.MapPost("/v1/vaccines/{vaccine}:promote", http => PromoteAsync(http, parts))
            .RequireScope(Scopes.VaccinesWrite)
            .Describe("promoteVaccine", "Makes a project's vaccine its tenant's, or a global one valid",
                door => door.Saying("The second needs operator:tenants.")
                    .Answers(DoorJson.Default.VaccineAnswer).Refuses("AEGIS2627", "AEGIS2628"));
    }

    private static async Task ListAsync(HttpContext http, DoorParts parts)
    {
        var by = http.Caller().Principal;
        // what only a search takes is read in any case: a wrong value is refused, not passed over
        var asked = AskedOf(http);
        if (asked.Text.Length > 0)
        {
            await SearchAsync(http, parts, asked);
            return;
        }
        var status = Query.Choice(http, "status", VaccineWords.Statuses.Split(' '));
        var scope = Query.Choice(http, "scope", VaccineWords.Scopes.Split(' '));
        var (limit, after) = (Query.Limit(http), PageCursors.Read(http)?.Id);
        var found = (await parts.Vaccines.ListAsync(by, http.RequestAborted))
            .Where(v => (status is null || VaccineWords.Of(v.Status) == status)
                && (scope is null || VaccineWords.Of(v.Scope) == scope)
                && (after is null || string.CompareOrdinal(v.Id, after) < 0))
            .OrderByDescending(v => v.Id, StringComparer.Ordinal).Take(limit + 1).ToList();
        await Listings.WriteAsync(http, PageCursors.Cut(found, limit, VaccineAnswer.Of, v => v.Id),
            DoorJson.Default.ListingVaccineAnswer);
    }

    private static VaccineQuery AskedOf(HttpContext http)
    {
        var text = Query.Text(http, "query") ?? "";
        if (text.Length > VaccineLimits.QueryCharsMax)
        {
            throw new AegisException(DoorErrors.Malformed("query parameter query is too long",
                $"at most {VaccineLimits.QueryCharsMax} characters", $"{text.Length}"));
        }
        var language = Query.Text(http, "language") is { } named
            ? CodeLanguage.Read(named) ?? throw new AegisException(VaccineErrors.Malformed(
                "language is not known", string.Join(", ", CodeLanguage.All), named)) : null;
        return new VaccineQuery(text, language, (int)Query.Number(
            http, "budget_tokens", BudgetTokens, 1, VaccineLimits.BudgetTokensMax));
    }

    private static async Task SearchAsync(HttpContext http, DoorParts parts, VaccineQuery asked)
    {
        var found = await parts.Vaccines.SearchAsync(http.Caller().Principal, asked, http.RequestAborted);
        await Body.WriteAsync(http, new Listing<VaccineAnswer>([.. found.Select(VaccineAnswer.Of)]),
            DoorJson.Default.ListingVaccineAnswer);
    }

    private static async Task MintAsync(HttpContext http, DoorParts parts)
    {
        var (request, by) = (
            await Body.ReadAsync(http, DoorJson.Default.MintVaccineRequest), http.Caller().Principal);
        VaccineCheck? check = null;
        if (request.Check is { } json)
        {
            (check, var error) = CheckJson.Read(json);
            if (error is not null)
            {
                throw new AegisException(error);
            }
        }
        var minted = await parts.Vaccines.MintAsync(by, new VaccineOrder(
            VaccineWords.Read<VaccineScope>(request.Scope ?? "project"), request.ErrorPattern,
            request.SolutionInstruction, VaccineWords.Read<VaccineSeverity>(request.Severity ?? "medium"),
            request.OriginAgent ?? by.Actor, request.Language, request.FailingCode, request.FixedCode,
            request.Path, request.ErrorLog, check, Days: request.Days), http.RequestAborted);
        http.Response.Headers.Location = $"/v1/vaccines/{minted.Vaccine.Id}";
        await Body.WriteAsync(http, VaccineAnswer.Of(minted.Vaccine), DoorJson.Default.VaccineAnswer,
            minted.Merged ? StatusCodes.Status200OK : StatusCodes.Status201Created);
    }

    private static async Task GetAsync(HttpContext http, DoorParts parts)
    {
        var id = Query.Route(http, "vaccine");
        await WriteAsync(http, await parts.Vaccines.FindAsync(
            http.Caller().Principal, id, http.RequestAborted), id);
    }

    private static async Task ReasonedAsync(HttpContext http, DoorParts parts, Func<Gate.Principal, string,
        string, CancellationToken, Task<Vaccine?>> act)
    {
        var request = await Body.ReadAsync(http, DoorJson.Default.VaccineReasonRequest);
        var id = Query.Route(http, "vaccine");
        await WriteAsync(http, await act(
            http.Caller().Principal, id, request.Reason, http.RequestAborted), id);
    }

    private static async Task PromoteAsync(HttpContext http, DoorParts parts)
    {
        var id = Query.Route(http, "vaccine");
        await WriteAsync(http, await parts.Vaccines.PromoteAsync(
            http.Caller().Principal, id, http.RequestAborted), id);
    }

    private static Task WriteAsync(HttpContext http, Vaccine? vaccine, string id) => Body.WriteAsync(http,
        VaccineAnswer.Of(vaccine ?? throw new AegisException(DoorErrors.NotFound("vaccine", id))),
        DoorJson.Default.VaccineAnswer);
}
