use axum::Json;
use http_kit::{
    Page,
    openapi::{ReadProblems, WriteProblems, document},
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

#[derive(Serialize, ToSchema)]
struct Thing {
    id: u64,
}

/// List things.
#[utoipa::path(get, path = "/things", params(http_kit::PageRequest),
    responses((status = 200, body = Page<Thing>), ReadProblems))]
async fn list_things() -> Json<Page<Thing>> {
    Json(Page {
        items: Vec::new(),
        next_cursor: None,
    })
}

/// Make a thing.
#[utoipa::path(post, path = "/things", responses((status = 201, body = Thing), WriteProblems))]
async fn create_thing() -> Json<Thing> {
    Json(Thing { id: 1 })
}

#[test]
fn a_service_gets_problems_pages_and_security_into_its_document() {
    let (_, document) = OpenApiRouter::<()>::with_openapi(document("Things"))
        .routes(routes!(list_things, create_thing))
        .split_for_parts();
    let json = serde_json::to_value(&document).expect("JSON");
    assert_eq!(json["info"]["title"], "Things");
    let read = &json["paths"]["/things"]["get"];
    assert_eq!(
        read["responses"]["404"]["content"]["application/problem+json"]["schema"]["$ref"],
        "#/components/schemas/Problem"
    );
    let names: Vec<_> = read["parameters"]
        .as_array()
        .expect("a list")
        .iter()
        .collect();
    assert_eq!(
        (&names[0]["name"], &names[1]["name"]),
        (&"limit".into(), &"cursor".into())
    );
    assert!(
        names.iter().all(|parameter| parameter["required"] == false),
        "{names:?}"
    );
    assert!(json["paths"]["/things"]["post"]["responses"]["413"].is_object());
    let components = &json["components"];
    assert!(components["schemas"]["Problem"]["properties"]["errors"].is_object());
    assert!(components["schemas"]["FieldError"].is_object());
    assert_eq!(
        components["securitySchemes"]["api_key"]["name"],
        "X-API-Key"
    );
    assert_eq!(components["securitySchemes"]["bearer"]["scheme"], "bearer");
    assert_eq!(json["security"].as_array().map(Vec::len), Some(3));
    assert!(
        json["openapi"]
            .as_str()
            .is_some_and(|version| version.starts_with("3.1"))
    );
}
