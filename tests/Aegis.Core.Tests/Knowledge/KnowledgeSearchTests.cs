using Aegis.Core.Errors;
using Aegis.Core.Knowledge;

namespace Aegis.Core.Tests.Knowledge;

public sealed class KnowledgeSearchTests
{
    [Theory]
    [InlineData("file upload", "file-upload")]
    [InlineData("subir archivos", "file-upload")]
    [InlineData("que los usuarios puedan subir fotos de perfil", "file-upload")]
    [InlineData("REST API in Python with SQLite", "rest-api-python")]
    [InlineData("una API de tareas pendientes con FastAPI", "rest-api-python")]
    [InlineData("express backend with postgres", "rest-api-node")]
    [InlineData("servicio JSON en C# con base de datos", "rest-api-csharp")]
    [InlineData("login with cookies", "auth-sessions")]
    [InlineData("inicio de sesión de usuarios en la página", "auth-sessions")]
    [InlineData("JWT tokens for a mobile app", "auth-tokens")]
    [InlineData("claves de API para programas de clientes", "auth-tokens")]
    [InlineData("how do I store passwords", "password-storage")]
    [InlineData("el usuario olvidó su contraseña", "password-storage")]
    [InlineData("roles y permisos de administrador", "authorization-roles")]
    [InlineData("receive stripe webhooks", "webhook-receiver")]
    [InlineData("recibir avisos firmados de otro servicio por webhook", "webhook-receiver")]
    [InlineData("SSRF when fetching a URL that users give", "webhook-sender")]
    [InlineData("cola de trabajos en segundo plano", "background-jobs")]
    [InlineData("retry jobs in a queue", "background-jobs")]
    [InlineData("each company sees only its own rows", "multi-tenant-rows")]
    [InlineData("separar los datos de varias empresas", "multi-tenant-rows")]
    [InlineData("React frontend with a backend and docker compose", "spa-with-api")]
    [InlineData("página estática para mi negocio", "static-site")]
    [InlineData("herramienta de línea de comandos", "cli-tool")]
    [InlineData("tarea programada cada noche", "scheduled-job")]
    [InlineData("cobrar con tarjeta en mi tienda", "payments-by-provider")]
    [InlineData("subscription billing and refunds", "payments-by-provider")]
    [InlineData("limitar peticiones por minuto", "rate-limits")]
    [InlineData("brute force protection with 429", "rate-limits")]
    [InlineData("environment variables, API keys and rotation of secrets", "secrets-management")]
    [InlineData("validar la entrada de formularios", "input-validation")]
    [InlineData("SQL injection", "sql-access")]
    [InlineData("consultas SQL parametrizadas", "sql-access")]
    [InlineData("registro de auditoría de quién hizo qué", "logging-and-audit")]
    [InlineData("cache with redis", "caching")]
    [InlineData("enviar correos de confirmación", "email-sending")]
    [InlineData("buscador de productos con texto libre", "full-text-search")]
    [InlineData("migraciones del esquema sin parar el servicio", "database-migrations")]
    [InlineData("apagado ordenado y comprobación de salud", "health-and-shutdown")]
    [InlineData("Dockerfile non-root", "containers")]
    [InlineData("chatbot con inteligencia artificial que lee documentos", "llm-application")]
    [InlineData("prompt injection", "llm-application")]
    [InlineData("derecho al olvido, borrar datos personales", "gdpr-data-rights")]
    [InlineData("GDPR export of a user's data", "gdpr-data-rights")]
    [InlineData("copias de seguridad y restauración", "backups-and-restore")]
    [InlineData("chat en tiempo real con websockets", "realtime-websocket")]
    [InlineData("importar clientes desde Excel", "data-import-export")]
    [InlineData("path traversal", "file-upload")]
    [InlineData("servidor lento, acelerar con memoria", "caching")]
    [InlineData("CSRF", "auth-sessions")]
    [InlineData("OAuth con Google", "auth-tokens")]
    [InlineData("borrar la cuenta de un usuario y sus datos", "gdpr-data-rights")]
    [InlineData("change a column without downtime", "database-migrations")]
    [InlineData("procesar vídeos en segundo plano", "background-jobs")]
    [InlineData("evitar que un bot pruebe contraseñas", "rate-limits")]
    public void Query_InEnglishOrSpanish_FindsItsArticleInTheFirstThree(string query, string id)
    {
        var found = KnowledgeBase.BuiltIn.Search(query, null, 3).Select(h => h.Item.Id);

        Assert.Contains(id, found);
    }

    [Fact]
    public void Search_ForAStack_FindsItsArticlesAndThoseForAll()
    {
        var found = KnowledgeBase.BuiltIn.Search("REST API sign-in sessions cookie", "CSharp", 10)
            .Select(h => h.Item).ToList();

        Assert.Equal("rest-api-csharp", found.First(a => a.Id.StartsWith("rest-api",
            StringComparison.Ordinal)).Id);
        Assert.DoesNotContain(found, a => a.Id is "rest-api-python" or "rest-api-node");
        Assert.Contains(found, a => a.Id == "auth-sessions");
    }

    [Fact]
    public void Search_ForAStackThatNoArticleHas_SaysWhichThereAre()
    {
        var refused = Assert.Throws<AegisException>(
            () => KnowledgeBase.BuiltIn.Search("api", "pyton", 3)).Error;

        Assert.Equal(("AEGIS2735", "pyton", "did you mean python?"),
            (refused.Code, refused.Got, refused.Mend));
        Assert.Contains("csharp, dotnet", refused.Expected, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("the of and para que")]
    [InlineData("?!")]
    [InlineData("xyzzyq")]
    public void Query_WithoutAWordOfAnyArticle_FindsNothing(string query) =>
        Assert.Empty(KnowledgeBase.BuiltIn.Search(query, null, 3));

    [Fact]
    public void Search_Twice_GivesTheSameOrderAndScores() =>
        Assert.Equal(KnowledgeBase.BuiltIn.Search("api users files queue", null, 10).ToArray(),
            KnowledgeBase.BuiltIn.Search("api users files queue", null, 10).ToArray());

    [Fact]
    public void Query_OfMoreWordsThanAreLookedFor_PassesTheRestOver()
    {
        var filler = string.Join(' ', Enumerable.Range(0, KnowledgeLimits.QueryWordsMax - 1).Select(i =>
            $"zz{i}"));

        Assert.NotEmpty(KnowledgeBase.BuiltIn.Search($"{filler} upload", null, 3));
        Assert.Empty(KnowledgeBase.BuiltIn.Search($"{filler} zz upload", null, 3));
    }
}
