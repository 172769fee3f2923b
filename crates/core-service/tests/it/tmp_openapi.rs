#[test]
fn tmp_openapi() {
    std::fs::write("/tmp/wt/stat/core_openapi.json", core_service::openapi().to_pretty_json().unwrap()).unwrap();
}
